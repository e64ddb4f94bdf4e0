using Pipeline.Tests.Simulation;
using Pipeline.Tests.Simulation.Faults;
using Pipeline.Tests.Simulation.World;

namespace Pipeline.Tests.Unit.Simulation;

/// <summary>The proof of exactly once: thousands of runs with faults, and the same simulation finds what is broken on purpose.</summary>
public sealed class SimulatedWorldTests
{
    [Fact]
    public void Ten_thousand_runs_with_faults_come_out_as_without()
    {
        SeedRange range = new(0, 10_000, Environment.ProcessorCount);
        range.Run(_ => { }, CancellationToken.None);
        Assert.True(range.Failed.Count == 0, range.Report());
        Assert.InRange(range.Totals.Crashes, 10_000, long.MaxValue);
        Assert.InRange(range.Totals.Restarts, 10_000, long.MaxValue);
    }

    [Theory]
    [InlineData(Sabotage.NoTransactions, "duplicate")]
    [InlineData(Sabotage.CommitFirst, "lost-write")]
    [InlineData(Sabotage.NoFencing, "duplicate")]
    public void What_is_broken_on_purpose_is_found_within_a_hundred_runs(Sabotage sabotage, string kind)
    {
        SeedRange range = new(0, 100, Environment.ProcessorCount, sabotage);
        range.Run(_ => { }, CancellationToken.None);
        Assert.Contains(range.Failed, f => f.Anomalies.Any(a => a.Kind == kind));
        Assert.Contains($"--sabotage {sabotage}", range.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_is_the_same_run_every_time()
    {
        for (int seed = 0; seed < 20; seed++) Assert.Equal(Told(seed), Told(seed));
        Assert.NotEqual(Told(0), Told(1));
    }

    [Fact]
    public void Without_faults_nothing_is_done_twice()
    {
        RunResult run = new SimulatedWorld(1, faults: false).Run();
        Assert.Empty(run.Anomalies);
        Assert.Equal((0, 0), (run.Crashes, run.Restarts));
    }

    private static string Told(int seed)
    {
        List<string> lines = [];
        RunResult run = new SimulatedWorld(seed) { Log = lines.Add }.Run();
        return string.Join('\n', lines) + $"\n{run.Inputs} {run.Crashes} {run.Restarts}";
    }
}
