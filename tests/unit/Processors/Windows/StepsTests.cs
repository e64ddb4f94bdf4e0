using System.Runtime.InteropServices;
using Google.Protobuf;
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
        long closed = newest.Values.Sum(v => v.Reports + (long)v.Late + v.RepeatedReports + v.Quarantined);
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
            float[] reads = [.. reports.Where(r => r.Own.HasDiskRead).Select(r => r.Own.DiskRead)];
            Assert.Equal(reports.Count > 1 && reads.Length > 0 ? reads.Max() : 0, actual.Peaks?.DiskRead ?? 0);
            int[] measured = [.. Signals.Descriptor.Fields.InFieldNumberOrder().Select(f => reports.Count(r => f.Accessor.HasValue(r.Own)))];
            Assert.Equal(measured.All(m => m == 0 || m == reports.Count) ? [] : measured.Select(m => (uint)m), actual.Measured);
            Assert.Equal(Math.Min(1, reports.Sum(r => (double)r.IntervalMs) / c.Options.StepMs), actual.Completeness, 1e-6);
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
            foreach (VmReport report in Topics.VmMetrics.Parser.ParseFrom(record.Value).Reports.Where(r => r.TimeUnixMs <= record.TimestampUnixMs + c.Options.ClockToleranceMs))
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

    [Fact]
    public void A_clock_that_is_ahead_is_quarantined_and_moves_nobodys_steps()
    {
        StepProcessor processor = new(new StepOptions());
        RecordedOutput output = new();
        long offset = 0;
        for (int minute = 1; minute <= 30; minute++)
        {
            foreach ((string vm, int aheadS) in new[] { ("a", 0), ("b", 100), ("c", 180) })
                processor.Process(Record(offset++, minute, Report(vm, minute, aheadS)), output);
        }
        List<VmStep> rows = [.. output.Values(Topics.VmSteps).Where(s => s.Revision == 0).SelectMany(s => s.Vms)];
        Assert.Equal(5u, rows.Last(r => r.Vm == "a").Reports);
        Assert.All(rows.Where(r => r.Vm == "b"), r => Assert.True(r.Reports > 0 && r.Quarantined == 0));
        Assert.All(rows.Where(r => r.Vm == "c"), r => Assert.Equal(0u, r.Reports));
        Assert.Equal(5u, rows.Last(r => r.Vm == "c").Quarantined);
        Assert.Empty(output.DeadLetters);
    }

    [Fact]
    public void Who_is_behind_the_cell_is_named_with_how_far_and_used()
    {
        StepProcessor processor = new(new StepOptions());
        RecordedOutput output = new();
        long offset = 0;
        for (int minute = 10; minute <= 60; minute++)
        {
            foreach ((string vm, int aheadS) in new[] { ("a", 0), ("b", -100), ("c", -240) })
                processor.Process(Record(offset++, minute, Report(vm, minute, aheadS)), output);
        }
        List<StepChunk> steps = [.. output.Values(Topics.VmSteps)];
        StepChunk last = steps.Last(s => s.Revision == 0);
        Assert.Equal([0u, 0u, 240u], last.Vms.Select(v => v.BehindS));
        Assert.Contains(steps, s => s.Revision > 0 && s.Vms.Single(v => v.Vm == "c").Reports == 5);
    }

    [Fact]
    public void Sequence_numbers_that_begin_anew_are_a_restart_and_another_host_is_another_vm()
    {
        StepProcessor processor = new(new StepOptions());
        RecordedOutput output = new();
        long offset = 0;
        for (int minute = 1; minute <= 300; minute++)
        {
            VmReport report = Report("a", minute, 0);
            report.Sequence = (ulong)(minute > 100 ? minute - 100 : minute);
            report.HostId = minute > 200 ? "other" : "first";
            processor.Process(Record(offset++, minute, report), output);
        }
        List<VmStep> rows = [.. output.Values(Topics.VmSteps).SelectMany(s => s.Vms)];
        Assert.Equal(1u, rows.Aggregate(0u, (sum, r) => sum + r.Restarts));
        SnapshotChunk last = output.Values(Topics.GraphSnapshots).Last();
        Half[] window = MemoryMarshal.Cast<byte, Half>(last.Window.Span).ToArray();
        long end = last.StepEndUnixMs;
        for (int t = 0; t < 36; t++)
        {
            bool known = end - ((35 - t) * 300_000L) > ReportStream.Start + (200 * 60_000);
            Assert.Equal(known, !Half.IsNaN(window[t * last.Signal.Count]));
        }
    }

    private static VmReport Report(string vm, int minute, int aheadS) => new()
    {
        Vm = vm,
        Cell = "cell",
        TimeUnixMs = ReportStream.Start + (minute * 60_000L) + (aheadS * 1000L),
        IntervalMs = 60_000,
        Sequence = (ulong)minute,
        Cores = 4,
        MemoryBytes = 1 << 30,
        Own = new Signals { CpuUtilization = .5f },
    };

    private static StreamRecord Record(long offset, int minute, VmReport report) => new()
    {
        Topic = Topics.VmMetrics.Name,
        Partition = 0,
        Offset = offset,
        TimestampUnixMs = ReportStream.Start + (minute * 60_000L),
        Key = "cell"u8.ToArray(),
        Value = new VmReports { Reports = { report } }.ToByteArray(),
    };

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
