using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Processors.Windows;

/// <summary>Steps against a recomputation that knows nothing but the reports and the horizons published.</summary>
public sealed class StepsTests
{
    private const int CasesEach = 40;

    [Fact]
    public void Every_report_is_in_exactly_one_step_or_counted_as_late_or_repeated() => ForEachCase(1, c =>
    {
        (List<StreamRecord> records, RecordedOutput output) = Run(c.Stream, c.Options);
        Dictionary<(string Cell, long Step, string Vm), VmStep> newest = NewestRevisions(output);
        long closed = newest.Values.Sum(v => v.Reports + (long)v.Late + v.RepeatedReports);
        NaiveSteps naive = NaiveSteps.Of(c.Options, records, output.Records);
        long sent = records.Sum(r => Topics.VmMetrics.Parser.ParseFrom(r.Value).Reports.Count);
        Assert.Equal(sent - naive.Unpublished, closed);
        Assert.True(naive.Unpublished < sent / 2, "next to nothing was published");
    });

    [Fact]
    public void Means_peaks_and_counts_are_those_of_the_reports() => ForEachCase(2, c =>
    {
        (List<StreamRecord> records, RecordedOutput output) = Run(c.Stream, c.Options);
        NaiveSteps naive = NaiveSteps.Of(c.Options, records, output.Records);
        foreach (((string cell, long step, string vm) key, VmStep actual) in NewestRevisions(output))
        {
            List<VmReport> reports = naive.PublishedReports(key.cell, key.step, key.vm);
            Assert.Equal((uint)reports.Count, actual.Reports);
            if (reports.Count == 0) continue;
            AssertMean(reports, r => r.Own.HasCpuUtilization ? r.Own.CpuUtilization : null, actual.Own.HasCpuUtilization ? actual.Own.CpuUtilization : null);
            AssertMean(reports, r => r.Own.HasDiskRead ? r.Own.DiskRead : null, actual.Own.HasDiskRead ? actual.Own.DiskRead : null);
            AssertMean(reports, r => r.Functions?.CpuUtilization, actual.Functions?.CpuUtilization);
            float[] peaks = [.. reports.SelectMany(r => new[] { r.Own.HasCpuUtilization ? r.Own.CpuUtilization : -1, r.Own.HasCpuUtilizationPeak ? r.Own.CpuUtilizationPeak : -1 })];
            Assert.Equal(peaks.Max(), actual.Own.HasCpuUtilizationPeak ? actual.Own.CpuUtilizationPeak : -1);
        }
    });

    [Fact]
    public void Steps_close_in_order_each_once_and_only_when_everybody_was_heard_or_the_delay_is_over() => ForEachCase(3, c =>
    {
        (List<StreamRecord> records, _) = Run(c.Stream, c.Options);
        StepProcessor processor = new(c.Options);
        // Where a cell began, and where it went on after a silence: what lies before is never published, so it is final at once.
        Dictionary<string, long> watermark = [], closed = [], began = [];
        Dictionary<(string, long), uint> revisions = [];
        foreach (StreamRecord record in records)
        {
            foreach (VmReport report in Topics.VmMetrics.Parser.ParseFrom(record.Value).Reports)
                watermark[report.Cell] = Math.Max(watermark.GetValueOrDefault(report.Cell), report.TimeUnixMs);
            RecordedOutput output = new();
            processor.Process(record, output);
            List<StepChunk> chunks = [.. output.Values(Topics.VmSteps)];
            for (int i = 0; i < chunks.Count; i++)
            {
                StepChunk chunk = chunks[i], first = chunks.Skip(i).First(v => v.Revision == 0);
                if (first.StepEndUnixMs != closed.GetValueOrDefault(chunk.Cell) + 10_000) began[chunk.Cell] = first.StepEndUnixMs - 10_000;
                long time = watermark[chunk.Cell], before = closed.GetValueOrDefault(chunk.Cell);
                Assert.Equal(revisions.TryGetValue((chunk.Cell, chunk.StepEndUnixMs), out uint last) ? last + 1 : 0, chunk.Revision);
                revisions[(chunk.Cell, chunk.StepEndUnixMs)] = chunk.Revision;
                Assert.True(chunk.FinalUnixMs + c.Options.GraceMs <= time || chunk.FinalUnixMs <= began.GetValueOrDefault(chunk.Cell), "final before its grace was over");
                if (chunk.Revision > 0) continue;
                Assert.True(chunk.StepEndUnixMs > before);
                Assert.True(time > chunk.StepEndUnixMs - 10_000, "closed before it began");
                closed[chunk.Cell] = chunk.StepEndUnixMs;
            }
            // Nothing that is due is left open.
            foreach ((string cell, long time) in watermark)
                if (closed.TryGetValue(cell, out long end))
                    Assert.True(time < end + 10_000 + c.Options.CloseDelayMs || time > end + StepOptions.GapStepsMax * 10_000, $"{cell}: step after {end} is due at {time}");
        }
    });

    private static void ForEachCase(int seed, Action<(ReportStream Stream, StepOptions Options)> check)
    {
        Random random = new(seed);
        for (int i = 0; i < CasesEach; i++)
        {
            int silent = OneOf(0, 5, 310), grace = random.Next(41);
            ReportStream stream = new(random.Next())
            {
                IntervalMs = OneOf(1_000, 5_000, 10_000, 25_000),
                DelayMs = OneOf(100, 3_000, 9_000),
                Steps = 40 + silent,
                SilentFrom = 15,
                SilentSteps = silent,
                VmsPerCell = 4,
                Late = .1,
            };
            check((stream, new StepOptions
            {
                Step = TimeSpan.FromSeconds(10),
                CloseDelay = TimeSpan.FromSeconds(random.Next(Math.Min(16, grace + 1))),
                Grace = TimeSpan.FromSeconds(grace),
            }));
        }

        int OneOf(params int[] values) => values[random.Next(values.Length)];
    }

    private static (List<StreamRecord> Records, RecordedOutput Output) Run(ReportStream stream, StepOptions options)
    {
        List<StreamRecord> records = stream.Build();
        RecordedOutput output = new();
        StepProcessor processor = new(options);
        foreach (StreamRecord record in records) processor.Process(record, output);
        Assert.Empty(output.DeadLetters);
        return (records, output);
    }

    private static Dictionary<(string Cell, long Step, string Vm), VmStep> NewestRevisions(RecordedOutput output)
    {
        Dictionary<(string, long, string), VmStep> newest = [];
        foreach (StepChunk chunk in output.Values(Topics.VmSteps))
            foreach (VmStep vm in chunk.Vms) newest[(chunk.Cell, chunk.StepEndUnixMs, vm.Vm)] = vm;
        return newest;
    }

    private static void AssertMean(List<VmReport> reports, Func<VmReport, float?> value, float? actual)
    {
        VmReport[] measured = [.. reports.Where(r => value(r) is not null)];
        Assert.Equal(measured.Length > 0, actual is not null);
        if (measured.Length == 0) return;
        double mean = measured.Sum(r => (double)value(r)!.Value * r.IntervalMs) / measured.Sum(r => (double)r.IntervalMs);
        Assert.Equal(mean, actual!.Value, 1e-6 * Math.Max(1, Math.Abs(mean)));
    }
}
