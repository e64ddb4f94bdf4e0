using CsCheck;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

/// <summary>Whatever the scenario: small fleets with little memory, VMs that come and go, delays, several dispatchers, lost and silent reports.</summary>
public sealed class SimulationPropertiesTests
{
    private static readonly string[] Policies = [.. PolicyCatalog.Names];

    private static readonly string[] Signals = [.. Signal.Names.Where(n => !Signal.Of(n).IsNetwork)];

    private static readonly Gen<(int Seed, string Policy, string Signal, SimulationOptions Options)> Runs =
        from seed in Gen.Int[0, 1_000_000]
        from policy in Gen.Int[0, Policies.Length - 1]
        from signal in Gen.Int[0, Signals.Length - 1]
        from delay in Gen.OneOf(Gen.Const(0.0), Gen.Const(.01), Gen.Const(1.0))
        from dispatchers in Gen.Int[1, 3]
        from interval in Gen.OneOf(Gen.Const(0.0), Gen.Const(10.0), Gen.Const(900.0))
        from stale in Gen.OneOf(Gen.Const(0), Gen.Const(15))
        from deadlines in Gen.Bool
        from callsPerCore in Gen.OneOf(Gen.Const(0.0), Gen.Const(1.0), Gen.Const(3.0))
        select (seed, Policies[policy], Signals[signal], new SimulationOptions { NetworkDelayS = delay, Dispatchers = dispatchers, ReportIntervalS = interval, StaleMinutes = stale, Deadlines = deadlines, CallsPerCore = callsPerCore });

    [Fact]
    public void Every_call_gets_exactly_one_answer_and_no_VM_is_over_its_memory() => Runs.Sample(
        run =>
        {
            Scenario scenario = Draw(run.Seed);
            // A VM that is given more than its memory throws.
            Simulator simulator = Create(scenario, run.Policy, run.Signal, run.Options);
            Measures measures = simulator.Run();
            Assert.Equal(scenario.Calls.Length, simulator.Results.Count);
            Assert.All(simulator.Results, r => Assert.True(r.IsAnswered));
            Assert.Equal(0, simulator.Fleet.CallsInFlight);
            for (int i = 0; i < scenario.Calls.Length; i++)
                if (!simulator.Results[i].IsRejected) Assert.True(simulator.Results[i].EndS >= scenario.Calls[i].ArrivalS + scenario.Calls[i].ServiceS - 1e-9);
            Assert.InRange(measures.Jain, 0, 1 + 1e-9);
        },
        iter: 300, threads: 1);

    [Fact]
    public void The_same_scenario_gives_the_same_results() => Runs.Sample(
        run =>
        {
            Simulator one = Create(Draw(run.Seed), run.Policy, run.Signal, run.Options), other = Create(Draw(run.Seed), run.Policy, run.Signal, run.Options);
            one.Run();
            other.Run();
            Assert.Equal(one.Results, other.Results);
        },
        iter: 100, threads: 1);

    [Fact]
    public void Noise_leaves_the_mean_of_a_step_as_it_is_but_for_clipping() => Gen.Select(Gen.Double[.2, .8], Gen.Int).Sample(
        (mean, seed) =>
        {
            SplitMix random = new((ulong)seed);
            float[] pieces = LoadNoise.Draw([mean, mean], 30, ref random);
            double off = Math.Abs(pieces.Take(30).Average() - mean);
            Assert.InRange(off, 0, pieces.Take(30).Any(p => p is 0 or 1) ? .1 : 1e-5);
            Assert.All(pieces, p => Assert.InRange(p, 0, 1));
            Assert.True(pieces.Distinct().Count() > 10);
        },
        iter: 2000);

    [Fact]
    public void VMs_are_silent_and_reports_lost_as_often_as_asked_for()
    {
        SplitMix random = new(3);
        ReportPlan plan = ReportPlan.Draw(300, 600, .2, 0, ref random);
        Assert.InRange(Share(plan), .76, .84);
        Assert.InRange(Share(ReportPlan.Draw(300, 600, 0, .3, ref random)), .68, .72);
        Assert.Equal(1, Share(ReportPlan.AllArrive));

        static double Share(ReportPlan plan) => Enumerable.Range(0, 300).Average(vm => Enumerable.Range(0, 120).Average(i => plan.Arrives(vm, i * 300) ? 1.0 : 0));
    }

    [Fact]
    public void Calls_of_a_VM_that_goes_are_run_again_elsewhere()
    {
        Scenario scenario = Draw(1) with { Outages = [new Outage(100, 0, false), new Outage(200, 1, false), new Outage(300, 0, true)] };
        Simulator simulator = Create(scenario, ExpectedCompletionTimePolicy.PolicyName, "last+feedback", new SimulationOptions { NetworkDelayS = .01 });
        simulator.Run();
        Assert.All(simulator.Results, r => Assert.True(r.IsAnswered));
        Assert.Equal(0, simulator.Fleet.CallsInFlight);
    }

    private static Simulator Create(Scenario scenario, string policy, string signal, SimulationOptions options) =>
        new(scenario, () => PolicyCatalog.Create(policy, options.Policies), Signal.Of(signal), options);

    private static Scenario Draw(int seed)
    {
        SplitMix random = new(SplitMix.Mix((ulong)seed));
        int vms = 1 + random.Next(6);
        const int slots = 3, history = 20;
        const double durationS = slots * 300;
        TracedFunction[] functions = [.. Enumerable.Range(0, 4).Select(i => new TracedFunction($"f{i}", $"t{i % 2}", (ulong)(1 + i) * (128UL << 20), [1, 1, 1, 1, 1, 1, 1]))];
        List<SimulatedCall> calls = [];
        while (calls.Count < 300) calls.Add(new SimulatedCall(random.NextDouble() * durationS, random.Next(4), .01 + (random.NextDouble() * random.NextDouble() * 20)));
        List<Outage> outages = [];
        for (int v = 0; v < vms; v++)
        {
            double at = random.NextDouble() * durationS * 2;
            if (at < durationS) outages.AddRange([new Outage(at, v, false), new Outage(at + 60, v, true)]);
        }
        double[] load = new double[(history + slots) * vms];
        for (int i = 0; i < load.Length; i++) load[i] = random.NextDouble() * random.NextDouble();
        return new Scenario
        {
            Seed = seed,
            Vms = [.. Enumerable.Range(0, vms).Select(v => $"vm{v}")],
            Cores = [.. Enumerable.Range(0, vms).Select(_ => 1.0 + random.Next(4))],
            MemoryBytes = [.. Enumerable.Range(0, vms).Select(_ => (1L + random.Next(8)) << 28)],
            OwnLoad = load,
            FirstSlot = history,
            SlotS = 300,
            PiecesPerSlot = 30,
            Functions = functions,
            Calls = [.. calls.OrderBy(c => c.ArrivalS)],
            DurationS = durationS,
            Reports = ReportPlan.Draw(vms, 15, .2, .1, ref random),
            Outages = [.. outages.OrderBy(o => o.TimeS)],
        };
    }
}
