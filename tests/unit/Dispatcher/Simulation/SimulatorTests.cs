using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class SimulatorTests
{
    private static readonly Lazy<ScenarioDrawer> Extracts = new(() => new ScenarioDrawer(
        FleetTrace.Load(new DirectoryInfo(Path.Combine(Repository.Root, "ingest/traces/google-2011-jobs"))),
        FunctionTrace.Load(new DirectoryInfo(Path.Combine(Repository.Root, "ingest/traces/azure-functions-2019"))),
        new SimulationOptions { Vms = 10, Hours = .5 }));

    [Fact]
    public void A_single_core_behaves_as_the_theory_of_processor_sharing_says()
    {
        // M/M/1 under processor sharing: mean response = service / (1 - load).
        SplitMix random = new(5);
        double now = 0;
        List<SimulatedCall> calls = [];
        while (calls.Count < 200_000) calls.Add(new SimulatedCall(now += -Math.Log(1 - random.NextDouble()) * 2, 0, -Math.Log(1 - random.NextDouble())));
        Measures measures = Run(Single([.. calls], now), RandomPolicy.PolicyName, new SimulationOptions { ColdStartS = 0 });
        Assert.InRange(measures.MeanResponseS, 1.9, 2.1);
        Assert.InRange(measures.Goodput, .49, .51);
    }

    [Fact]
    public void Cold_starts_are_paid_once_while_the_container_is_warm()
    {
        SimulatedCall[] calls = [.. Enumerable.Range(0, 100).Select(i => new SimulatedCall(i * 10, 0, .1))];
        Measures measures = Run(Single(calls, 1000), RandomPolicy.PolicyName, new SimulationOptions());
        Assert.Equal((50, 0.0, 0), (measures.Invocations, measures.ColdShare, measures.Rejected));
        Assert.Equal(.1, measures.MeanResponseS, 9);
        Assert.Equal(1, measures.MeanSlowdown, 9);
        Measures cooled = Run(Single(calls, 1000), RandomPolicy.PolicyName, new SimulationOptions { KeepAlive = TimeSpan.FromSeconds(9) });
        Assert.Equal(1, cooled.ColdShare);
        Assert.Equal(.6, cooled.P99, 9);
    }

    [Fact]
    public void A_call_that_fits_nowhere_is_rejected()
    {
        Measures measures = Run(Single([new SimulatedCall(6, 1, 1)], 10), RandomPolicy.PolicyName, new SimulationOptions());
        Assert.Equal((1, 1), (measures.Invocations, measures.Rejected));
    }

    [Fact]
    public void Scenarios_bring_the_load_that_was_asked_for_and_are_the_same_each_time()
    {
        Scenario scenario = Extracts.Value.Draw(3);
        double free = Enumerable.Range(0, 6).Average(slot => Enumerable.Range(0, 10).Sum(v => 4 * (1 - scenario.OwnLoadAt(slot, v))));
        Assert.InRange(scenario.Calls.Sum(c => c.ServiceS) / 1800 / free, .66, .74);
        Assert.Equal(scenario.Calls, Extracts.Value.Draw(3).Calls);
        Assert.NotEqual(scenario.Calls[0], Extracts.Value.Draw(4).Calls[0]);
    }

    [Fact]
    public void The_order_of_policies_and_signals_is_that_of_the_literature()
    {
        Scenario scenario = Extracts.Value.Draw(1);
        double Mean(string policy, string signal) => new Simulator(scenario, () => PolicyCatalog.Create(policy, new PolicyOptions()), Signal.Of(signal), new SimulationOptions()).Run().MeanResponseS;
        double none = Mean(ExpectedCompletionTimePolicy.PolicyName, Signal.None), oracle = Mean(ExpectedCompletionTimePolicy.PolicyName, Signal.Oracle);
        double shortest = Mean(ShortestQueuePolicy.PolicyName, Signal.None), random = Mean(RandomPolicy.PolicyName, Signal.None);
        Assert.True(oracle < none && none < shortest && shortest < random, $"oracle {oracle}, none {none}, jsq {shortest}, random {random}");
    }

    [Fact]
    public void Beyond_the_calls_that_may_run_for_each_core_tenants_take_turns_by_weight()
    {
        // Two tenants want ten times what the only core can do; one call at a time runs, and most of the others wait too long.
        SimulatedCall[] calls = [.. Enumerable.Range(0, 6000).Select(i => new SimulatedCall(i * .1, i % 2 == 0 ? 0 : 2, 1))];
        Scenario scenario = Single(calls, 600) with { TenantShares = new Dictionary<string, double> { ["t"] = .75, ["u"] = .25 } };
        Simulator simulator = new(scenario, () => PolicyCatalog.Create(RandomPolicy.PolicyName, new PolicyOptions()), Signal.Of(Signal.None), new SimulationOptions { ColdStartS = 0, CallsPerCore = 1 });
        simulator.Run();
        int[] done = [.. new[] { 0, 2 }.Select(f => simulator.Results.Where((r, i) => calls[i].Function == f && !r.IsRejected).Count())];
        Assert.InRange(done.Sum(), 595, 640);
        Assert.InRange(done[0] / (double)done.Sum(), .72, .78);
        // One second of service after half a minute of waiting at most.
        Assert.All(simulator.Results.Select((r, i) => r.IsRejected ? 0 : r.EndS - calls[i].ArrivalS), s => Assert.InRange(s, 0, 31 + 1e-6));
    }

    [Fact]
    public void Experiments_run_once_what_they_have_in_common()
    {
        List<string> told = [];
        Experiment experiment = new() { Policies = [ExpectedCompletionTimePolicy.PolicyName], Signals = [Signal.Of("none"), Signal.Of("last"), Signal.Of("oracle")], Seeds = 1, Options = new SimulationOptions { Vms = 10, Hours = .5 } };
        Experiment[] experiments = [experiment, experiment with { Options = experiment.Options with { StaleMinutes = 15 } }, experiment with { Options = experiment.Options with { StaleMinutes = 15, NeighboursStale = true } }];
        IReadOnlyList<SimulationRun>[] runs = [.. new ExperimentRunner(_ => Extracts.Value, "", told.Add).Run(experiments, CancellationToken.None)];
        Assert.Equal(4, told.Count);
        Assert.All(runs, r => Assert.Equal(3, r.Count));
        Assert.Equal(runs[0][0].Measures, runs[1][0].Measures);
        Assert.NotEqual(runs[0][1].Measures, runs[1][1].Measures);
        Assert.Equal([0, 15, 15], runs.Select(r => r[1].StaleMinutes));
    }

    [Fact]
    public void The_report_is_the_same_each_time()
    {
        string Report() => SimulationReport.Of([.. new[] { Signal.None, Signal.Last, Signal.Oracle }.Select(signal =>
            new SimulationRun(ExpectedCompletionTimePolicy.PolicyName, signal, .7, 2, new Simulator(Extracts.Value.Draw(2), () => PolicyCatalog.Create(ExpectedCompletionTimePolicy.PolicyName, new PolicyOptions()), Signal.Of(signal), new SimulationOptions()).Run()))]);
        string report = Report();
        Assert.Equal(report, Report());
        Assert.Contains("\"mean_response_s\"", report);
        Assert.Contains("\"p99_slowdown\"", report);
    }

    private static Measures Run(Scenario scenario, string policy, SimulationOptions options) =>
        new Simulator(scenario, () => PolicyCatalog.Create(policy, options.Policies), Signal.Of(Signal.None), options).Run();

    private static Scenario Single(SimulatedCall[] calls, double durationS) => new()
    {
        Seed = 1,
        Vms = ["a"],
        Cores = [1],
        MemoryBytes = [1L << 40],
        OwnLoad = [0, 0],
        FirstSlot = 1,
        SlotS = 300,
        Functions = [new TracedFunction("f", "t", 1, [1, 1, 1, 1, 1, 1, 1]), new TracedFunction("huge", "t", 1UL << 50, [1, 1, 1, 1, 1, 1, 1]), new TracedFunction("g", "u", 1, [1, 1, 1, 1, 1, 1, 1])],
        Calls = calls,
        DurationS = durationS,
    };
}
