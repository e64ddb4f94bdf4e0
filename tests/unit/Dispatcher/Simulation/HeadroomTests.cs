using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class HeadroomTests
{
    private const string Ours = ExpectedCompletionTimePolicy.PolicyName;

    [Fact]
    public void The_share_recovered_is_that_of_the_way_from_the_baseline_to_the_oracle()
    {
        IReadOnlyList<Headroom> all = Headroom.Of([Run(Signal.None, 1, 10), Run(Signal.None, 2, 20), Run(Signal.Oracle, 1, 6), Run(Signal.Oracle, 2, 14), Run(Signal.Last, 1, 7), Run(Signal.Last, 2, 16)]);
        Headroom last = all.Single(h => h.Signal == Signal.Last && h.Measure == "mean_response_s");
        Assert.Equal((.7, 1 / 3.0), (last.Recovered, Math.Round(last.Share, 12)), Near);
        // Seed by seed 3/4 and 4/6.
        Assert.Equal((4 / 6.0, 3 / 4.0), (last.Low, last.High), Near);
        Headroom oracle = all.Single(h => h.Signal == Signal.Oracle && h.Measure == "p99");
        Assert.Equal((1.0, 1.0, 1.0), (oracle.Recovered, oracle.Low, oracle.High));
    }

    [Fact]
    public void Without_an_oracle_nothing_is_claimed() => Assert.Empty(Headroom.Of([Run(Signal.None, 1, 10), Run(Signal.Last, 1, 7)]));

    private static bool Near((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9;

    private static SimulationRun Run(string signal, int seed, double mean) => new(Ours, signal, .7, seed, TestMeasures.Of(mean, windows: 1));
}
