using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Replay;
using Pipeline.Ingest.Replay.Faults;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Ingest.Replay;
using Pipeline.Tests.Unit.Processors.Service;

namespace Pipeline.Tests.Unit.Processors.Windows;

/// <summary>What is published about arrived, late and missing reports against what a replay with faults did to them.</summary>
public sealed class CompletenessTests
{
    private const int Vms = 12;

    private static readonly StepOptions Options = new() { Snapshots = false };

    private static readonly ReplayFaults Faults = new()
    {
        Drop = .01,
        Delay = .04,
        DelayMax = TimeSpan.FromMinutes(25),
        Duplicate = .03,
        Reorder = .03,
        Skew = .3,
        SkewMax = TimeSpan.FromSeconds(100),
        Silence = .001,
        Gap = .001,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_is_published_is_what_was_done(int seed) => Check(Faults with { Seed = seed });

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void An_agent_that_begins_to_number_anew_counts_as_no_loss(int seed) => Check(Faults with { Seed = seed, Restart = .003, Delay = 0 });

    [Fact]
    public void Without_faults_nothing_is_missing_late_or_repeated()
    {
        Dictionary<string, Counts> published = Check(new ReplayFaults());

        Assert.All(published.Values, c => Assert.Equal((0L, 0L, 0L, 0L), (c.Revised, c.Late, c.Repeated, c.Never)));
    }

    private static Dictionary<string, Counts> Check(ReplayFaults faults)
    {
        TracePlayer player = new(SmallTraces.Fleet(Vms, 144), null, new ReplayOptions { Cells = 2, Hours = 12, Interval = TimeSpan.FromMinutes(1) });
        FaultInjector injector = new(faults);
        List<TraceEvent> events = [.. injector.Apply(player.Play())];
        events.AddRange(Ending(events));
        Assert.Equal(events.Select(e => e.TimeUnixMs).Order(), events.Select(e => e.TimeUnixMs));

        Dictionary<string, Counts> truth = [], published = [];
        StepProcessor processor = new(Options);
        RecordedOutput output = new();
        Oracle oracle = new(truth);
        for (int i = 0; i < events.Count; i++)
        {
            oracle.Hear(events[i]);
            int before = output.Records.Count;
            processor.Process(RecordOf(events[i], i), output);
            oracle.Learn(output.Records.Skip(before));
        }
        oracle.CountNever();
        foreach (VmStep row in Newest(output))
        {
            Counts c = Of(published, row.Vm);
            c.InTime += row.Reports - row.Revised;
            c.Revised += row.Revised;
            c.Late += row.Late;
            c.Repeated += row.RepeatedReports;
            c.Never += (long)row.Missing - row.Recovered;
            Assert.Equal(0u, row.Quarantined);
        }
        Assert.Empty(output.DeadLetters);
        foreach ((string vm, Counts wanted) in truth) Assert.True(wanted == published[vm], $"{vm}: {published[vm]}\nwanted {wanted}");
        if (faults.Restart == 0) Assert.InRange(truth.Values.Sum(c => c.Never), injector.Counts.Dropped - (Vms * 45), injector.Counts.Dropped);
        if (faults.Delay > 0) Assert.True(truth.Values.Sum(c => c.Late) > 20 && truth.Values.Sum(c => c.Revised) > 20 && truth.Values.Sum(c => c.Never) > 20, "hardly anything happened");
        return published;
    }

    /// <summary>Two more reports of everybody, so late that all before the last is final.</summary>
    private static IEnumerable<TraceEvent> Ending(List<TraceEvent> events)
    {
        VmReport[] last = [.. events.Select(ReportOf).GroupBy(r => r.Vm).Select(g => g.MaxBy(r => r.TimeUnixMs)!).OrderBy(r => r.Vm, StringComparer.Ordinal)];
        long end = events[^1].TimeUnixMs;
        for (int i = 1; i <= 2; i++)
        {
            foreach (VmReport report in last)
            {
                VmReport more = report.Clone();
                more.Sequence += (ulong)i;
                more.TimeUnixMs = end + (i * 3_600_000);
                yield return new TraceEvent(more.TimeUnixMs, Topics.VmMetrics, more.Cell, new VmReports { Reports = { more } });
            }
        }
    }

    private static List<VmStep> Newest(RecordedOutput output)
    {
        Dictionary<(string, long, string), VmStep> newest = [];
        foreach (StepChunk chunk in output.Values(Topics.VmSteps))
            foreach (VmStep vm in chunk.Vms) newest[(chunk.Cell, chunk.StepEndUnixMs, vm.Vm)] = vm;
        return [.. newest.Values];
    }

    private static StreamRecord RecordOf(TraceEvent e, int offset) => new()
    {
        Topic = Topics.VmMetrics.Name,
        Partition = 0,
        Offset = offset,
        TimestampUnixMs = e.TimeUnixMs,
        Key = Encoding.UTF8.GetBytes(e.Key),
        Value = e.Value.ToByteArray(),
    };

    private static VmReport ReportOf(TraceEvent e) => ((VmReports)e.Value).Reports[0];

    private static Counts Of(Dictionary<string, Counts> counts, string vm)
    {
        if (!counts.TryGetValue(vm, out Counts? found)) counts[vm] = found = new Counts();
        return found;
    }

    /// <summary>Knows all reports that arrived and which steps were published, and counts by that alone.</summary>
    private sealed class Oracle(Dictionary<string, Counts> truth)
    {
        private readonly Dictionary<string, List<VmReport>> heard = [];
        private readonly HashSet<(string, ulong, long)> seen = [];
        private readonly HashSet<(string Cell, long End)> published = [];
        private readonly Dictionary<string, long> final = [];
        private readonly List<(VmReport Report, long End)> open = [];

        public void Hear(TraceEvent e)
        {
            VmReport report = ReportOf(e);
            long step = Options.StepMs, end = Options.StepOf(report.TimeUnixMs) * step;
            final.TryAdd(report.Cell, Math.Min((report.TimeUnixMs - Options.GraceMs) / step * step, end - step));
            Counts counts = Of(truth, report.Vm);
            if (!seen.Add((report.Vm, report.Sequence, report.TimeUnixMs)))
            {
                open.Add((report, -1));
                return;
            }
            if (!heard.TryGetValue(report.Vm, out List<VmReport>? all)) heard[report.Vm] = all = [];
            all.Add(report);
            if (end <= final[report.Cell]) open.Add((report, -2));
            else if (published.Contains((report.Cell, end))) counts.Revised++;
            else open.Add((report, end));
        }

        /// <summary>What was published since. Reports and rejects count when they are published; at the end a step is open.</summary>
        public void Learn(IEnumerable<(string Topic, string Key, byte[] Value)> records)
        {
            foreach ((_, _, byte[] value) in records.Where(r => r.Topic == Topics.VmSteps.Name))
            {
                StepChunk chunk = StepChunk.Parser.ParseFrom(value);
                if (chunk.Revision > 0) continue;
                published.Add((chunk.Cell, chunk.StepEndUnixMs));
                final[chunk.Cell] = chunk.FinalUnixMs;
                open.RemoveAll(o =>
                {
                    if (o.Report.Cell != chunk.Cell || o.End > chunk.StepEndUnixMs) return false;
                    Counts counts = Of(truth, o.Report.Vm);
                    if (o.End == -1) counts.Repeated++;
                    else if (o.End == -2) counts.Late++;
                    else counts.InTime++;
                    return true;
                });
            }
        }

        /// <summary>Between the first and the last report of a numbering every number has arrived or never will.</summary>
        public void CountNever()
        {
            foreach ((string vm, List<VmReport> all) in heard)
            {
                ulong first = 0, last = 0;
                foreach (VmReport report in all.OrderBy(r => r.TimeUnixMs))
                {
                    if (report.Sequence <= last) first = 0;
                    if (first == 0) first = last = report.Sequence;
                    Of(truth, vm).Never += (long)report.Sequence - (long)last - (report.Sequence > last ? 1 : 0);
                    last = report.Sequence;
                }
            }
        }
    }

    private sealed record Counts
    {
        public long InTime { get; set; }

        public long Revised { get; set; }

        public long Late { get; set; }

        public long Repeated { get; set; }

        public long Never { get; set; }
    }
}
