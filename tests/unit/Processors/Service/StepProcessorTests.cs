using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Service;

public sealed class StepProcessorTests
{
    private const long Start = 1_700_000_100_000, StepMs = 300_000;

    private readonly RecordedOutput output = new();
    private readonly StepProcessor processor = new(new StepOptions());
    private long offset;

    [Fact]
    public void A_cell_is_cut_into_contiguous_chunks_in_order_of_names()
    {
        Send(1, [.. Enumerable.Range(0, 2300).Reverse().Select(i => (Name(i), .25f))]);
        Send(2, (Name(0), .5f));
        List<SnapshotChunk> chunks = [.. output.Values(Topics.GraphSnapshots).Where(c => c.StepEndUnixMs == Start + StepMs)];
        Assert.Equal([0u, 1000u, 2000u], chunks.Select(c => c.FirstRow));
        Assert.Equal(Enumerable.Range(0, 2300).Select(Name), chunks.SelectMany(c => c.Vm));
        Assert.All(chunks, c => Assert.Equal((3u, 2300u, 1f), (c.Chunks, c.Rows, c.Completeness)));
        foreach (TopicSpec topic in new TopicSpec[] { Topics.VmSteps, Topics.GraphSnapshots, Topics.GraphCommunities }) AssertValid(topic);
        float[] newest = [.. chunks.SelectMany(c => MemoryMarshal.Cast<byte, Half>(c.Window.Span).ToArray().Chunk(Snapshot.WindowSize)).Select(w => (float)w[^6])];
        Assert.All(newest, cpu => Assert.Equal(.25f, cpu));
    }

    [Fact]
    public void A_step_closes_as_soon_as_everybody_expected_is_there_and_else_by_the_delay()
    {
        Send(1, ("a", .1f), ("b", .1f));
        Assert.Empty(output.Records);
        SendAt(Start + StepMs + 30_000, "a", .2f);
        Assert.Equal([Start + StepMs], StepEnds());
        Send(2, ("a", .3f));
        Assert.Single(StepEnds());
        Send(2, ("b", .4f));
        Assert.Equal([Start + StepMs, Start + (2 * StepMs)], StepEnds());
    }

    [Fact]
    public void A_late_report_revises_its_step_with_the_next_close_and_counts_once()
    {
        Send(1, ("a", .2f), ("b", .2f));
        Send(2, ("a", .2f));
        SendAt(Start + StepMs - 1000, "b", .4f);
        Send(2, ("b", .2f));
        List<StepChunk> steps = [.. output.Values(Topics.VmSteps)];
        Assert.Equal([(Start + StepMs, 0u), (Start + StepMs, 1u), (Start + (2 * StepMs), 0u)], steps.Select(s => (s.StepEndUnixMs, s.Revision)));
        Assert.Equal(2u, steps[1].Vms[1].Reports);
        Assert.Equal(.3f, steps[1].Vms[1].Own.CpuUtilization, 6);
        Assert.Equal(steps.Select(s => (s.StepEndUnixMs, s.Revision)), output.Values(Topics.GraphSnapshots).Select(s => (s.StepEndUnixMs, s.Revision)));
    }

    [Fact]
    public void Too_late_and_repeated_reports_are_counted_per_vm_and_change_nothing()
    {
        for (int step = 1; step <= 5; step++) Send(step, step == 3 ? [("a", .2f)] : [("a", .2f), ("b", .2f)]);
        // One that is missing comes too late, one that is there comes again.
        Send(3, ("b", .9f));
        Send(1, ("b", .9f));
        Send(5, ("a", .2f));
        Send(6, ("a", .2f), ("b", .2f));
        Send(7, ("a", .2f));
        List<StepChunk> steps = [.. output.Values(Topics.VmSteps)];
        Assert.All(steps, s => Assert.Equal(0u, s.Revision));
        Assert.Equal([(0u, 1u), (1u, 1u)], steps[^1].Vms.Select(v => (v.Late, v.RepeatedReports)));
    }

    [Fact]
    public void An_agent_started_anew_counts_from_one_again_and_is_not_taken_for_its_past()
    {
        SendAt(Start + 100_000, "a", .2f, sequence: 1);
        SendAt(Start + 200_000, "a", .4f, sequence: 1);
        SendAt(Start + StepMs + 30_000, "a", .2f, sequence: 2);
        VmStep vm = output.Values(Topics.VmSteps).Single().Vms.Single();
        Assert.Equal((2u, 0u), (vm.Reports, vm.RepeatedReports));
    }

    [Fact]
    public void A_vm_that_fell_silent_stays_a_row_with_its_size_and_lowers_completeness()
    {
        Send(1, ("a", .2f), ("b", .2f));
        Send(2, ("a", .2f));
        SendAt(Start + (2 * StepMs) + 30_000, "a", .2f);
        StepChunk step = output.Values(Topics.VmSteps).Last();
        Assert.Equal([(1u, 4f), (0u, 4f)], step.Vms.Select(v => (v.Reports, v.Cores)));
        Assert.Equal(2ul, step.Vms[1].LastSequence);
        Assert.Equal(.5f, output.Values(Topics.GraphSnapshots).Last().Completeness);
        CommunityChunk communities = output.Values(Topics.GraphCommunities).Last();
        Assert.Equal([(1u, 4d), (0u, 0d)], communities.Communities.Select(c => (c.VmsReporting, c.Cores)));
        Assert.Equal(4 * .8, communities.Communities[0].FreeCores, 5);
    }

    [Fact]
    public void What_vms_tell_of_others_becomes_edges_of_the_snapshot()
    {
        VmReport[] reports = [.. new[] { "a", "b", "c" }.Select(vm => Report(Start + StepMs, vm, .2f, 2, "cell"))];
        (reports[0].Hypervisor, reports[2].Hypervisor, reports[1].Tenant, reports[2].Tenant) = ("node-1", "node-1", "t", "t");
        reports[0].Calls.Add(new CallRate { Vm = "b", PerS = 1 });
        processor.Process(Record(Start + StepMs, "cell", reports), output);
        Send(2, ("a", .2f), ("b", .2f), ("c", .2f));
        Send(3, ("a", .2f), ("b", .2f), ("c", .2f));
        VmStep step = output.Values(Topics.VmSteps).First().Vms[0];
        Assert.Equal(new CallRate { Vm = "b", PerS = 1 }, Assert.Single(step.Calls));
        Assert.NotEqual(0ul, step.Hypervisor);
        SnapshotChunk[] snapshots = [.. output.Values(Topics.GraphSnapshots)];
        Assert.Equal(
            [(EdgeList.Types.Kind.Hypervisor, 0, 2, .1f), (EdgeList.Types.Kind.Tenant, 1, 2, .05f), (EdgeList.Types.Kind.Calls, 0, 1, .15f)],
            snapshots[0].Edges.Select(e => (e.Kind, MemoryMarshal.Cast<byte, int>(e.Rows.Span)[0], MemoryMarshal.Cast<byte, int>(e.Rows.Span)[1], MemoryMarshal.Cast<byte, float>(e.Weights.Span)[0])));
        // Named once, hypervisor and tenant hold; calls are of their step.
        Assert.Equal([EdgeList.Types.Kind.Hypervisor, EdgeList.Types.Kind.Tenant], snapshots[1].Edges.Select(e => e.Kind));
        AssertValid(Topics.GraphSnapshots);
    }

    [Fact]
    public void More_cells_than_a_partition_may_hold_are_put_aside()
    {
        for (int i = 0; i <= StepProcessor.CellsMax; i++) SendAt(Start + 1, "a", .1f, cell: "cell-" + i.ToString(CultureInfo.InvariantCulture));
        Assert.Contains("one more than the 1000", Assert.Single(output.DeadLetters).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_of_steps_of_another_length_is_left_alone()
    {
        for (int step = 1; step <= 4; step++) Send(step, ("a", .2f));
        StepProcessor other = new(new StepOptions { Step = TimeSpan.FromMinutes(1) });
        foreach ((string topic, string key, byte[] value) in output.Records.Where(r => r.Topic != Topics.GraphSnapshots.Name))
            other.Restore(new StreamRecord { Topic = topic, Partition = 0, Offset = 0, TimestampUnixMs = Start, Key = Encoding.UTF8.GetBytes(key), Value = value });
        Assert.InRange(other.ReplayFrom(offset), 0, offset);
        RecordedOutput after = new();
        other.Process(Record(Start + (5 * StepMs), "cell", [Report(Start + (5 * StepMs), "b", .1f, 1, "cell")]), after);
        other.Process(Record(Start + (6 * StepMs), "cell", [Report(Start + (6 * StepMs), "b", .1f, 2, "cell")]), after);
        Assert.All(after.Values(Topics.VmSteps), s => Assert.Equal(["b"], s.Vms.Select(v => v.Vm)));
        Assert.NotEmpty(after.Records);
    }

    [Theory]
    [InlineData(0.5, 30, 600, "step is")]
    [InlineData(300, 700, 600, "close-delay is")]
    [InlineData(1, 30, 600, "grace is")]
    public void Wrong_options_are_named(double step, double closeDelay, double grace, string reason) =>
        Assert.StartsWith(reason, new StepOptions { Step = TimeSpan.FromSeconds(step), CloseDelay = TimeSpan.FromSeconds(closeDelay), Grace = TimeSpan.FromSeconds(grace) }.Check(), StringComparison.Ordinal);

    private static string Name(int i) => "vm-" + i.ToString("D5", CultureInfo.InvariantCulture);

    private List<long> StepEnds() => [.. output.Values(Topics.VmSteps).Select(s => s.StepEndUnixMs)];

    /// <summary>Everybody's report of a whole step.</summary>
    private void Send(int step, params (string Vm, float Cpu)[] vms)
    {
        long time = Start + (step * StepMs);
        processor.Process(Record(time, "cell", [.. vms.Select(v => Report(time, v.Vm, v.Cpu, (ulong)step + 1, "cell"))]), output);
    }

    private void SendAt(long time, string vm, float cpu, ulong sequence = 99, string cell = "cell") =>
        processor.Process(Record(time, cell, [Report(time, vm, cpu, sequence, cell)]), output);

    private static VmReport Report(long time, string vm, float cpu, ulong sequence, string cell) => new()
    {
        Vm = vm,
        Cell = cell,
        TimeUnixMs = time,
        IntervalMs = 60_000,
        Sequence = sequence,
        Cores = 4,
        MemoryBytes = 1_000_000,
        Own = new Signals { CpuUtilization = cpu },
    };

    private StreamRecord Record(long time, string cell, VmReport[] reports) => new()
    {
        Topic = Topics.VmMetrics.Name,
        Partition = 0,
        Offset = offset++,
        TimestampUnixMs = time,
        Key = Encoding.UTF8.GetBytes(cell),
        Value = new VmReports { Reports = { reports } }.ToByteArray(),
    };

    private void AssertValid(TopicSpec topic)
    {
        RecordContext context = new("cell", Start);
        foreach ((_, _, byte[] value) in output.Records.Where(r => r.Topic == topic.Name))
        {
            string reason = "";
            bool valid = topic switch
            {
                TopicSpec<StepChunk> steps => steps.TryRead(context, value, out _, out reason),
                TopicSpec<SnapshotChunk> snapshots => snapshots.TryRead(context, value, out _, out reason),
                TopicSpec<CommunityChunk> communities => communities.TryRead(context, value, out _, out reason),
                _ => false,
            };
            Assert.True(valid, reason);
        }
    }
}
