using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class SignalFeedTests
{
    private static readonly SimulationOptions Options = new();

    [Fact]
    public void A_report_tells_the_step_before_and_is_known_after_its_delay()
    {
        (SignalFeed feed, FleetState fleet) = Open("last", Options);
        // At the start what had arrived by then: of slot -2, since that of slot -1 takes a minute.
        Assert.Equal(0, feed.NextS);
        Tell(feed, fleet);
        Assert.Equal(Load(-2), Used(fleet), 6);
        Assert.Equal(60, feed.NextS);
        Tell(feed, fleet);
        Assert.Equal(Load(-1), Used(fleet), 6);
        Assert.Equal(360, feed.NextS);
    }

    [Fact]
    public void What_is_stale_tells_of_so_much_earlier()
    {
        (SignalFeed feed, FleetState fleet) = Open("last", Options with { ReportDelayS = 0, StaleMinutes = 15 });
        Tell(feed, fleet);
        Assert.Equal(Load(-4), Used(fleet), 6);
    }

    [Fact]
    public void The_mean_of_an_hour_is_of_twelve_steps_and_the_oracle_knows_the_step_that_begins()
    {
        (SignalFeed mean, FleetState fleet) = Open("mean-1h", Options with { ReportDelayS = 0 });
        Tell(mean, fleet);
        Assert.Equal(Enumerable.Range(1, 12).Average(s => Load(-s)), Used(fleet), 6);
        (SignalFeed oracle, fleet) = Open("oracle", Options);
        Tell(oracle, fleet);
        Assert.Equal(Load(0), Used(fleet), 6);
        Assert.Equal(300, oracle.NextS);
    }

    [Fact]
    public void Without_a_signal_nothing_is_ever_told() => Assert.True(double.IsPositiveInfinity(Open("none+feedback", Options).Feed.NextS));

    [Fact]
    public void A_signal_is_its_source_with_or_without_feedback()
    {
        Assert.Equal(16, Signal.Names.Count);
        Assert.All(Signal.Names, n => Assert.Equal(n, Signal.Of(n).Name));
        Assert.Throws<ArgumentException>(() => Signal.Of("first"));
    }

    private static double Load(int slot) => (20 + slot) / 100.0;

    private static float Used(FleetState fleet) => 1 - fleet.FreeShare(0, out _);

    private static void Tell(SignalFeed feed, FleetState fleet)
    {
        fleet.AdvanceTo((long)(feed.NextS * 1000));
        feed.Tell([fleet]);
    }

    private static (SignalFeed Feed, FleetState Fleet) Open(string signal, SimulationOptions options)
    {
        Scenario scenario = new()
        {
            Seed = 1,
            Vms = ["a"],
            Cores = [4],
            MemoryBytes = [1L << 34],
            OwnLoad = [.. Enumerable.Range(0, 25).Select(i => i / 100.0)],
            FirstSlot = 20,
            SlotS = 300,
            Functions = [],
            Calls = [],
            DurationS = 1500,
        };
        FleetState fleet = new(new FleetOptions { LiveFeedback = false });
        fleet.Describe(fleet.VmRow("a"), "cell", 4, 1L << 34, 0);
        return (new SignalFeed(scenario, Signal.Of(signal), options, null), fleet);
    }
}
