using Pipeline.Infra.Streaming;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Windows;

/// <summary>Puts reports into steps by the horizons that were published: what comes for a final step is late, the same report twice is a repeat.</summary>
internal sealed class NaiveSteps
{
    private readonly Dictionary<(string Cell, long End, string Vm), List<(int Record, VmReport Report)>> counted = [];
    private readonly Dictionary<(string Cell, long End), int> published = [];

    /// <summary>Reports of which nothing has been published yet.</summary>
    public long Unpublished { get; private set; }

    public static NaiveSteps Of(StepOptions options, List<StreamRecord> records, List<(string Topic, string Key, byte[] Value)> output)
    {
        NaiveSteps naive = new();
        Queue<StepChunk> chunks = new(output.Where(o => o.Topic == Topics.VmSteps.Name).Select(o => StepChunk.Parser.ParseFrom(o.Value)));
        long stepMs = (long)options.Step.TotalMilliseconds;
        Dictionary<string, long> final = [], closed = [];
        Dictionary<string, int> rejects = [];
        for (int i = 0; i < records.Count; i++)
        {
            foreach (VmReport report in Topics.VmMetrics.Parser.ParseFrom(records[i].Value).Reports)
            {
                long end = (report.TimeUnixMs + stepMs - 1) / stepMs * stepMs;
                if (report.TimeUnixMs > records[i].TimestampUnixMs + options.ClockToleranceMs)
                {
                    rejects[report.Cell] = rejects.GetValueOrDefault(report.Cell) + 1;
                    continue;
                }
                List<(int, VmReport Report)> reports = naive.ReportsOf((report.Cell, end, report.Vm));
                // Before anything is closed, the first report says what is too old to be waited for.
                final.TryAdd(report.Cell, Math.Min((report.TimeUnixMs - (long)options.Grace.TotalMilliseconds) / stepMs * stepMs, end - stepMs));
                bool late = end <= final.GetValueOrDefault(report.Cell);
                if (late || reports.Any(r => r.Report.Sequence == report.Sequence && r.Report.TimeUnixMs == report.TimeUnixMs))
                    rejects[report.Cell] = rejects.GetValueOrDefault(report.Cell) + 1;
                else reports.Add((i, report));
            }
            while (chunks.TryPeek(out StepChunk? chunk) && chunk.PublishedAt == records[i].Offset)
            {
                chunks.Dequeue();
                naive.published[(chunk.Cell, chunk.StepEndUnixMs)] = i;
                final[chunk.Cell] = chunk.FinalUnixMs;
                if (chunk.Revision == 0) rejects[chunk.Cell] = 0;
            }
        }
        Assert.Empty(chunks);
        naive.Unpublished = rejects.Values.Sum()
            + naive.counted.Sum(c => c.Value.Count(r => !naive.published.TryGetValue((c.Key.Cell, c.Key.End), out int at) || r.Record > at));
        return naive;
    }

    /// <summary>Reports of a VM's step that were there when it was published last.</summary>
    public List<VmReport> PublishedReports(string cell, long end, string vm) =>
        [.. ReportsOf((cell, end, vm)).Where(r => r.Record <= published[(cell, end)]).Select(r => r.Report)];

    private List<(int Record, VmReport Report)> ReportsOf((string Cell, long End, string Vm) key)
    {
        if (!counted.TryGetValue(key, out List<(int, VmReport)>? reports)) counted[key] = reports = [];
        return reports;
    }
}
