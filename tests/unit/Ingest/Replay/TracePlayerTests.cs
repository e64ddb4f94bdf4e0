using CsCheck;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class TracePlayerTests
{
    [Fact]
    public void A_report_carries_the_end_of_its_slot_and_what_the_trace_knows()
    {
        TraceEvent first = Play(new ReplayOptions()).First();

        Assert.Equal((SmallTraces.Start + SmallTraces.SlotMs, Topics.VmMetrics, "cell-0"), (first.TimeUnixMs, first.Topic, first.Key));
        Assert.Equal(
            new VmReport
            {
                Vm = "vm0",
                Cell = "cell-0",
                TimeUnixMs = SmallTraces.Start + SmallTraces.SlotMs,
                IntervalMs = SmallTraces.SlotMs,
                Sequence = 1,
                Cores = 4,
                MemoryBytes = 1 << 30,
                Own = new Signals { CpuUtilization = 0, NetworkReceive = 100 },
            },
            Report(first));
    }

    [Fact]
    public void A_silent_VM_sends_nothing_and_its_sequence_goes_on_without_a_gap()
    {
        VmReport[] reports = [.. Play(new ReplayOptions()).Select(Report).Where(r => r.Vm == "vm1")];

        Assert.Equal([1UL, 2, 3], reports.Select(r => r.Sequence));
        Assert.Equal([1L, 3, 4], reports.Select(r => (r.TimeUnixMs - SmallTraces.Start) / SmallTraces.SlotMs));
        Assert.Equal([.01f, .03f, .04f], reports.Select(r => r.Own.CpuUtilization));
    }

    [Fact]
    public void VMs_are_dealt_out_to_cells_which_are_the_keys()
    {
        TraceEvent[] events = [.. Play(new ReplayOptions { Cells = 2, Hours = 1 / 12.0 })];

        Assert.Equal(["vm0@cell-0", "vm1@cell-1", "vm2@cell-0"], events.Select(e => $"{Report(e).Vm}@{e.Key}"));
        Assert.All(events, e => Assert.Equal(e.Key, Report(e).Cell));
    }

    [Fact]
    public void A_shorter_interval_cuts_slots_into_whole_reports()
    {
        TracePlayer player = new(SmallTraces.Fleet(), null, new ReplayOptions { Vms = 1, Interval = TimeSpan.FromSeconds(100), StartSlot = 1, Hours = 1 / 6.0 });
        VmReport[] reports = [.. player.Play().Select(Report)];

        Assert.Equal([400, 500, 600, 700, 800, 900], reports.Select(r => (r.TimeUnixMs - SmallTraces.Start) / 1000));
        Assert.Equal([.01f, .01f, .01f, .02f, .02f, .02f], reports.Select(r => r.Own.CpuUtilization));
        Assert.All(reports, r => Assert.Equal(100_000u, r.IntervalMs));
        Assert.Equal(6, player.CountReports());
    }

    [Fact]
    public void Calls_begin_later_are_numbered_by_function_and_belong_to_their_tenant()
    {
        Invocation[] calls = [.. Play(new ReplayOptions { Reports = false, Invocations = 200 }).Select(e => (Invocation)e.Value)];

        Assert.Equal(200, calls.Length);
        Assert.Equal(200, calls.Select(c => c.Id).Distinct().Count());
        Assert.All(calls, c => Assert.InRange(c.TimeUnixMs, SmallTraces.Start + 600_000, SmallTraces.Start + (4 * SmallTraces.SlotMs) - 1));
        Invocation[] ofF = [.. calls.Where(c => c.Function == "f")];
        Assert.Equal(Enumerable.Range(1, ofF.Length).Select(i => $"f-{i:D6}"), ofF.Select(c => c.Id));
        Assert.All(ofF, c => Assert.Equal(("tenant-a", 64UL << 20), (c.Tenant, c.MemoryBytes)));
    }

    [Fact]
    public void The_same_options_give_the_same_bytes_and_another_seed_gives_other_calls()
    {
        ReplayOptions options = new() { Invocations = 100, Cells = 2 };

        Assert.Equal(Bytes(options), Bytes(options));
        Assert.NotEqual(Bytes(options), Bytes(options with { Seed = 2 }));
    }

    [Fact]
    public void Records_are_in_order_of_event_time_and_valid_by_the_catalogue() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[2, 6], Gen.Int[1, 500], Gen.Int[1, 3]).Sample((vms, slots, calls, parts) =>
        {
            ReplayOptions options = new() { Invocations = calls, InvocationsAfter = TimeSpan.Zero, Interval = TimeSpan.FromMilliseconds(SmallTraces.SlotMs / parts) };
            TracePlayer player = new(SmallTraces.Fleet(vms, slots), SmallTraces.Functions(), options);
            TraceEvent[] events = [.. player.Play()];

            Assert.Equal(events.Select(e => e.TimeUnixMs).Order(), events.Select(e => e.TimeUnixMs));
            Assert.Equal(player.CountReports(), events.Count(e => e.Topic == Topics.VmMetrics));
            Assert.Equal(calls, events.Count(e => e.Topic == Topics.FunctionInvocations));
            Assert.All(events, Valid);
        });

    [Fact]
    public void A_whole_committed_day_is_played()
    {
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        TracePlayer player = new(fleet, FunctionTrace.Load(CommittedTraces.Functions), new ReplayOptions { StartSlot = ReplayOptions.FirstSlotOfDay(fleet, 10), Invocations = 10_000, Cells = 2 });

        TraceEvent[] events = [.. player.Play()];
        Assert.Equal(player.CountReports() + 10_000, events.LongLength);
        Assert.All(events, Valid);
        Assert.Equal(fleet.SlotStartUnixMs(2879) + fleet.SlotMs, player.EndUnixMs);
    }

    [Theory]
    [InlineData("--vms is 4; the trace has 3")]
    [InlineData("--start-slot is 4; the trace has slots 0 to 3")]
    [InlineData("--interval is 77 s; it has to go into the trace's slot of 300 s a whole number of times")]
    [InlineData("--interval is 600 s; it has to go")]
    [InlineData("--cells is 4; 1 to 3 (the number of VMs) is allowed")]
    public void Options_that_do_not_fit_the_trace_are_refused(string message)
    {
        ReplayOptions[] wrong =
        [
            new() { Vms = 4 }, new() { StartSlot = 4 }, new() { Interval = TimeSpan.FromSeconds(77) }, new() { Interval = TimeSpan.FromSeconds(600) }, new() { Cells = 4 },
        ];

        Assert.Single(wrong, o => Assert.Throws<UserException>(() => new TracePlayer(SmallTraces.Fleet(), null, o)).Message.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_day_that_the_trace_does_not_have_is_refused() =>
        Assert.Equal("--day is 2; the trace has days 1 to 1", Assert.Throws<UserException>(() => ReplayOptions.FirstSlotOfDay(SmallTraces.Fleet(), 2)).Message);

    [Fact]
    public void Calls_that_would_begin_after_the_end_are_refused() =>
        Assert.Throws<UserException>(() => Play(new ReplayOptions { Invocations = 1, Hours = .1 }).Count());

    private static IEnumerable<TraceEvent> Play(ReplayOptions options) => new TracePlayer(SmallTraces.Fleet(), SmallTraces.Functions(), options).Play();

    private static void Valid(TraceEvent e)
    {
        RecordContext context = new(e.Key, e.TimeUnixMs);
        Assert.Null(e.Value is VmReports reports ? Topics.VmMetrics.Validate(reports, context) : Topics.FunctionInvocations.Validate((Invocation)e.Value, context));
    }

    private static VmReport Report(TraceEvent e) => Assert.Single(((VmReports)e.Value).Reports);

    private static byte[] Bytes(ReplayOptions options) => [.. Play(options).SelectMany(e => e.Value.ToByteArray())];
}
