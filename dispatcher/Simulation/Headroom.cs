using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// How much of what perfect knowledge of the VMs' load would bring is recovered: (baseline - run) / (baseline - oracle), the baseline being
/// expected completion time without a signal. Over seeds, with a 95 % interval by a paired bootstrap.
/// </summary>
/// <param name="Policy">Policy of the runs.</param>
/// <param name="Signal">Their signal.</param>
/// <param name="Measure">As named in the runs.</param>
/// <param name="Share">The headroom itself: by how much of the baseline the oracle is better.</param>
/// <param name="Recovered">Share recovered; below 0: worse than the baseline.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
public sealed record Headroom(string Policy, string Signal, string Measure, double Share, double Recovered, double Low, double High)
{
    private const int Resamples = 2000;

    /// <summary>Of all runs for which baseline and oracle are there, and better by anything.</summary>
    public static IReadOnlyList<Headroom> Of(IReadOnlyList<SimulationRun> runs) =>
        [.. From(runs, "mean_response_s", m => m.MeanResponseS), .. From(runs, "p99", m => m.P99)];

    private static IEnumerable<Headroom> From(IReadOnlyList<SimulationRun> runs, string measure, Func<Measures, double> read)
    {
        double[] baseline = Values(ExpectedCompletionTimePolicy.PolicyName, SignalFeed.None);
        double[] oracle = Values(ExpectedCompletionTimePolicy.PolicyName, SignalFeed.Oracle);
        if (baseline.Length == 0 || oracle.Length != baseline.Length || baseline.Sum() <= oracle.Sum()) yield break;
        foreach ((string policy, string signal) in runs.Select(r => (r.Policy, r.Signal)).Distinct())
        {
            double[] values = Values(policy, signal);
            double[] resampled = [.. Bootstrap(baseline, oracle, values).Order()];
            yield return new Headroom(
                policy, signal, measure, 1 - (oracle.Sum() / baseline.Sum()), RecoveredBy(baseline, oracle, values),
                resampled[(int)(.025 * Resamples)], resampled[(int)(.975 * Resamples)]);
        }

        double[] Values(string policy, string signal) => [.. runs.Where(r => r.Policy == policy && r.Signal == signal).OrderBy(r => r.Seed).Select(r => read(r.Measures))];
    }

    private static double RecoveredBy(double[] baseline, double[] oracle, double[] values) => (baseline.Sum() - values.Sum()) / (baseline.Sum() - oracle.Sum());

    private static IEnumerable<double> Bootstrap(double[] baseline, double[] oracle, double[] values)
    {
        SplitMix random = new(1);
        for (int i = 0; i < Resamples; i++)
        {
            double b = 0, o = 0, v = 0;
            for (int n = 0; n < values.Length; n++)
            {
                int pick = random.Next(values.Length);
                (b, o, v) = (b + baseline[pick], o + oracle[pick], v + values[pick]);
            }
            // A resample without headroom says nothing of its recovery.
            yield return b > o ? (b - v) / (b - o) : 0;
        }
    }
}
