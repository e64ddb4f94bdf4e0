using System.Diagnostics;
using System.Globalization;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Runs experiments.</summary>
/// <param name="open">Where the scenarios of some options come from.</param>
/// <param name="modelPath">The predictor's model, for signals of the network.</param>
/// <param name="tell">Gets a line for every run.</param>
public sealed class ExperimentRunner(Func<SimulationOptions, IScenarioSource> open, string modelPath, Action<string> tell)
{
    /// <summary>Every policy with every signal on every scenario.</summary>
    public IReadOnlyList<SimulationRun> Run(Experiment experiment, CancellationToken cancel)
    {
        IScenarioSource source = open(experiment.Options);
        (string Policy, Signal Signal)[] pairs = [.. Pairs(experiment)];
        int[] seeds = [.. Enumerable.Range(experiment.FirstSeed, experiment.Seeds)];
        using NetworkSource? network = pairs.Any(p => p.Signal.IsNetwork) ? new NetworkSource(source.Fleet, seeds.Select(source.DrawFleet), experiment.Options, modelPath) : null;
        List<SimulationRun> runs = [];
        foreach (int seed in seeds)
        {
            Scenario scenario = source.Draw(seed);
            if (source.Happened(seed) is { } happened) runs.Add(happened with { Variant = experiment.Variant, Load = experiment.Options.Load, StaleMinutes = experiment.Options.StaleMinutes });
            Dictionary<string, NetworkForecasts> forecasts = [];
            foreach ((string policy, Signal signal) in pairs)
            {
                cancel.ThrowIfCancellationRequested();
                if (signal.IsNetwork && !forecasts.ContainsKey(signal.Source)) forecasts[signal.Source] = network!.Of(scenario, signal);
                runs.Add(RunOne(experiment, scenario, policy, signal, forecasts.GetValueOrDefault(signal.Source)));
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
        long start = Stopwatch.GetTimestamp();
        Simulator simulator = new(scenario, () => PolicyCatalog.Create(policy, options.Policies), signal, options, forecasts);
        Measures measures = simulator.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        string down = simulator.Fleet.Feedback is { } feedback && feedback.Ladder.StepsDown > 0 ? $", {feedback.Ladder.StepsDown} steps down the ladder" : "";
        tell(string.Create(CultureInfo.InvariantCulture, $"{experiment.Variant} load {options.Load} stale {options.StaleMinutes} seed {scenario.Seed} {policy} {signal.Name}: {scenario.Calls.Length} calls in {seconds:0.00} s, mean response {measures.MeanResponseS:0.000} s{down}").TrimStart());
        return new SimulationRun(policy, signal.Name, options.Load, scenario.Seed, measures, options.StaleMinutes) { Variant = experiment.Variant };
    }
}
