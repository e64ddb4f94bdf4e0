using Google.Protobuf;
using Pipeline.Ingest.Replay;
using Pipeline.Ingest.Replay.Faults;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class FaultInjectorTests
{
    private static readonly ReplayFaults All = new() { Drop = .1, Delay = .1, Duplicate = .1, Reorder = .1, Skew = .5, Silence = .01, Gap = .01, Restart = .01 };

    [Fact]
    public void Without_faults_everything_passes_as_it_is() =>
        Assert.Equal(Play().Select(Bytes), new FaultInjector(new ReplayFaults()).Apply(Play()).Select(Bytes));

    [Fact]
    public void The_same_seed_does_the_same_and_another_does_not()
    {
        byte[][] one = [.. new FaultInjector(All).Apply(Play()).Select(Bytes)];

        Assert.Equal(one, new FaultInjector(All).Apply(Play()).Select(Bytes));
        Assert.NotEqual(one, new FaultInjector(All with { Seed = 2 }).Apply(Play()).Select(Bytes));
    }

    [Fact]
    public void What_comes_out_is_in_order_of_arrival_and_adds_up()
    {
        FaultInjector injector = new(All);
        TraceEvent[] events = [.. injector.Apply(Play())];
        FaultCounts counts = injector.Counts;

        Assert.Equal(events.Select(e => e.TimeUnixMs).Order(), events.Select(e => e.TimeUnixMs));
        Assert.Equal(Play().Count(), counts.Made + counts.Silenced);
        Assert.Equal(counts.Made - counts.Dropped + counts.Duplicated, events.LongLength);
        Assert.True(counts is { Dropped: > 0, Delayed: > 0, Duplicated: > 0, Reordered: > 0, Skewed: > 0, Silenced: > 0, Restarts: > 0 }, counts.ToString());
        Assert.All(events, e => Assert.Null(Topics.VmMetrics.Validate((VmReports)e.Value, new RecordContext(e.Key, e.TimeUnixMs))));
    }

    [Fact]
    public void A_VM_that_is_off_numbers_on_and_one_that_is_cut_off_leaves_a_gap()
    {
        ulong[] off = Numbers(new ReplayFaults { Silence = .02 }), cut = Numbers(new ReplayFaults { Gap = .02 });

        Assert.Equal(Enumerable.Range(1, off.Length).Select(i => (ulong)i), off);
        Assert.True(cut.Length < (int)cut[^1]);

        static ulong[] Numbers(ReplayFaults faults) => [.. new FaultInjector(faults).Apply(Play()).Select(e => ((VmReports)e.Value).Reports[0]).Where(r => r.Vm == "vm2").Select(r => r.Sequence)];
    }

    [Fact]
    public void Calls_pass_untouched()
    {
        TracePlayer player = new(SmallTraces.Fleet(), SmallTraces.Functions(), new ReplayOptions { Reports = false, Invocations = 50 });

        Assert.Equal(player.Play().Select(Bytes), new FaultInjector(new ReplayFaults { Drop = 1 }).Apply(player.Play()).Select(Bytes));
    }

    private static IEnumerable<TraceEvent> Play() => new TracePlayer(SmallTraces.Fleet(6, 100), null, new ReplayOptions { Interval = TimeSpan.FromSeconds(100) }).Play();

    private static byte[] Bytes(TraceEvent e) => e.Value.ToByteArray();
}
