using System.Diagnostics;
using System.Globalization;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Runs experiments.</summary>
/// <param name="open">Where the scenarios of some options come from.</param>
/// <param name="modelPath">The predictor's model, for signals of the network.</param>
/// <param name="tell">Gets a line for every run.</param>
public sealed class ExperimentRunner(Func<SimulationOptions, IScenarioSource> open, string modelPath, Action<string> tell)
{
    /// <summary>What runs came to: experiments of one preset have some in common, such as those without a signal for all ages of reports.</summary>
    private readonly Dictionary<RunKey, Measures> known = [];

    /// <summary>Of each experiment, in order and one by one as they are asked for, every policy with every signal on every scenario.</summary>
    public IEnumerable<IReadOnlyList<SimulationRun>> Run(IReadOnlyList<Experiment> experiments, CancellationToken cancel)
    {
        Planned[] all = [.. experiments.Select(e => new Planned(e, open(e.Options), [.. Pairs(e)]))];
        Dictionary<FleetTrace, NetworkSource> networks = [];
        try
        {
            foreach (IGrouping<FleetTrace, Planned> same in all.Where(p => p.Pairs.Any(pair => pair.Signal.IsNetwork)).GroupBy(p => p.Source.Fleet))
                networks[same.Key] = new NetworkSource(same.Key, same.SelectMany(p => Seeds(p.Experiment).Select(seed => (p.Source.DrawFleet(seed), p.Experiment.Options))), modelPath);
            foreach (Planned planned in all) yield return Run(planned, networks.GetValueOrDefault(planned.Source.Fleet), cancel);
        }
        finally
        {
            foreach (NetworkSource network in networks.Values) network.Dispose();
        }
    }

    private static IEnumerable<int> Seeds(Experiment experiment) => Enumerable.Range(experiment.FirstSeed, experiment.Seeds);

    private List<SimulationRun> Run(Planned planned, NetworkSource? network, CancellationToken cancel)
    {
        (Experiment experiment, IScenarioSource source, _) = planned;
        List<SimulationRun> runs = [];
        foreach (int seed in Seeds(experiment))
        {
            Scenario scenario = source.Draw(seed);
            if (source.Happened(seed) is { } happened) runs.Add(happened with { Variant = experiment.Variant, Load = experiment.Options.Load, StaleMinutes = experiment.Options.StaleMinutes });
            foreach ((string policy, Signal signal) in planned.Pairs)
            {
                cancel.ThrowIfCancellationRequested();
                runs.Add(RunOne(experiment, scenario, policy, signal, signal.IsNetwork ? network!.Of(scenario, experiment.Options, signal) : null));
            }
        }
        return runs;
    }

    // Policies that do not look at the VMs' own load are run once; those that go by published load, with the last report as they would have it.
    private static IEnumerable<(string Policy, Signal Signal)> Pairs(Experiment experiment)
    {
        foreach (string policy in experiment.Policies)
        {
            Signal[] plain = [.. experiment.Signals.Where(s => s is { Source: Signal.Last, Feedback: false })];
            Signal[] signals = PolicyCatalog.UseOf(policy) switch
            {
                LoadUse.Forecast => [.. experiment.Signals],
                LoadUse.Reports => plain.Length > 0 ? plain : [.. experiment.Signals.Where(s => s.Source != Signal.None && !s.Feedback)],
                _ => [new Signal(Signal.None, false)],
            };
            foreach (Signal signal in signals) yield return (policy, signal);
        }
    }

    private SimulationRun RunOne(Experiment experiment, Scenario scenario, string policy, Signal signal, NetworkForecasts? forecasts)
    {
        SimulationOptions options = experiment.Options;
        RunKey key = new(scenario.Seed, scenario.TraceSlot, scenario.FirstSlot, scenario.PiecesPerSlot, scenario.Calls.Length, policy, signal, Seen(options, signal));
        if (known.TryGetValue(key, out Measures? same)) return new SimulationRun(policy, signal.Name, options.Load, scenario.Seed, same, options.StaleMinutes) { Variant = experiment.Variant };
        long start = Stopwatch.GetTimestamp();
        Simulator simulator = new(scenario, () => PolicyCatalog.Create(policy, options.Policies), signal, options, forecasts);
        Measures measures = known[key] = simulator.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        string down = simulator.Fleet.Feedback is { } feedback && feedback.Ladder.StepsDown > 0 ? $", {feedback.Ladder.StepsDown} steps down the ladder" : "";
        tell(string.Create(CultureInfo.InvariantCulture, $"{experiment.Variant} load {options.Load} stale {options.StaleMinutes} seed {scenario.Seed} {policy} {signal.Name}: {scenario.Calls.Length} calls in {seconds:0.00} s, mean response {measures.MeanResponseS:0.000} s{down}").TrimStart());
        return new SimulationRun(policy, signal.Name, options.Load, scenario.Seed, measures, options.StaleMinutes) { Variant = experiment.Variant };
    }

    // What a run with this signal depends on: without reports nothing depends on how they go, and only the network looks at neighbours'.
    private static SimulationOptions Seen(SimulationOptions options, Signal signal) => signal.Source switch
    {
        Signal.None or Signal.Oracle => options with { StaleMinutes = 0, NeighboursStale = false, ReportIntervalS = 0, ReportDelayS = 0, LostShare = 0, SilentShare = 0 },
        _ when !signal.IsNetwork => options with { NeighboursStale = false },
        _ => options,
    };

    private readonly record struct RunKey(int Seed, int TraceSlot, int FirstSlot, int Pieces, int Calls, string Policy, Signal Signal, SimulationOptions Options);

    private sealed record Planned(Experiment Experiment, IScenarioSource Source, IReadOnlyList<(string Policy, Signal Signal)> Pairs);
}
