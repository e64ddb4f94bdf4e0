using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// How much of what perfect knowledge of the VMs' load would bring is recovered: (baseline - run) / (baseline - oracle), the baseline being
/// expected completion time without a signal. Response times are taken over all calls of all seeds; the 99 % quantile is the mean of those of
/// ten-minute windows. 95 % intervals by a paired bootstrap: seeds are drawn, and windows within them.
/// </summary>
public sealed record Headroom
{
    public const string Mean = "mean_response_s", P99 = "p99";

    private const int Resamples = 1000;

    public required string Policy { get; init; }

    public required string Signal { get; init; }

    /// <summary>As named in the runs.</summary>
    public required string Measure { get; init; }

    /// <summary>Share recovered; below 0: worse than the baseline.</summary>
    public required double Recovered { get; init; }

    /// <summary>Lower end of its interval.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end.</summary>
    public required double High { get; init; }

    /// <summary>The headroom itself: by how much of the baseline the oracle is better.</summary>
    public required double Share { get; init; }

    /// <summary>By how much of it the run is longer than feedback alone (below 0: shorter), and the interval; null where feedback alone was not run.</summary>
    public double? OverFeedbackAlone { get; init; }

    public double? OverFeedbackAloneLow { get; init; }

    public double? OverFeedbackAloneHigh { get; init; }

    public required double Load { get; init; }

    public required int StaleMinutes { get; init; }

    /// <summary>What else was varied.</summary>
    public required string Variant { get; init; }

    /// <summary>Of all runs for which baseline and oracle are there, and better by anything.</summary>
    public static IReadOnlyList<Headroom> Of(IReadOnlyList<SimulationRun> runs) =>
    [
        .. from same in runs.GroupBy(r => (r.Variant, r.Load, r.StaleMinutes))
           from measure in (string[])[Mean, P99]
           from found in From([.. same], measure)
           select found,
    ];

    private static IEnumerable<Headroom> From(IReadOnlyList<SimulationRun> runs, string measure)
    {
        Units baseline = Of(ExpectedCompletionTimePolicy.PolicyName, "none");
        Units oracle = Of(ExpectedCompletionTimePolicy.PolicyName, "oracle");
        if (baseline.Seeds.Length == 0 || oracle.Seeds.Length != baseline.Seeds.Length || baseline.Total <= oracle.Total) yield break;
        Units alone = Of(ExpectedCompletionTimePolicy.PolicyName, "none+feedback");
        foreach ((string policy, string signal) in runs.Select(r => (r.Policy, r.Signal)).Distinct())
        {
            Units values = Of(policy, signal);
            if (values.Seeds.Length != baseline.Seeds.Length) continue;
            double[][] samples = [.. Resample(baseline, oracle, values, alone)];
            (double low, double high) = Interval(samples.Select(s => s[0] > s[1] ? (s[0] - s[2]) / (s[0] - s[1]) : 0));
            bool beside = alone.Seeds.Length == baseline.Seeds.Length;
            (double aloneLow, double aloneHigh) = beside ? Interval(samples.Select(s => (s[2] / s[3]) - 1)) : default;
            yield return new Headroom
            {
                Policy = policy,
                Signal = signal,
                Measure = measure,
                Share = 1 - (oracle.Total / baseline.Total),
                Recovered = (baseline.Total - values.Total) / (baseline.Total - oracle.Total),
                Low = low,
                High = high,
                OverFeedbackAlone = beside ? (values.Total / alone.Total) - 1 : null,
                OverFeedbackAloneLow = beside ? aloneLow : null,
                OverFeedbackAloneHigh = beside ? aloneHigh : null,
                Load = runs[0].Load,
                StaleMinutes = runs[0].StaleMinutes,
                Variant = runs[0].Variant,
            };
        }

        Units Of(string policy, string signal) =>
            new([.. runs.Where(r => r.Policy == policy && r.Signal == signal).OrderBy(r => r.Seed).Select(r => UnitsOf(r.Measures, measure))]);
    }

    private static (double Weight, double Sum)[] UnitsOf(Measures measures, string measure) => measure == Mean
        ? [.. measures.Windows.Select(w => ((double)w.Calls, w.ResponseS))]
        : [.. measures.Windows.Where(w => w.Calls > 0).Select(w => (1.0, w.P99))];

    private static (double Low, double High) Interval(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(int)(.025 * Resamples)], sorted[(int)(.975 * Resamples)]);
    }

    // Every resample draws the same windows for all.
    private static IEnumerable<double[]> Resample(params Units[] all)
    {
        SplitMix random = new(1);
        int seeds = all[0].Seeds.Length;
        double[] weights = new double[all.Length], sums = new double[all.Length];
        for (int i = 0; i < Resamples; i++)
        {
            Array.Clear(weights);
            Array.Clear(sums);
            for (int n = 0; n < seeds; n++)
            {
                int seed = random.Next(seeds), windows = all[0].Seeds[seed].Length;
                for (int w = 0; w < windows; w++)
                {
                    int window = random.Next(windows);
                    for (int k = 0; k < all.Length; k++)
                    {
                        if (seed >= all[k].Seeds.Length || window >= all[k].Seeds[seed].Length) continue;
                        weights[k] += all[k].Seeds[seed][window].Weight;
                        sums[k] += all[k].Seeds[seed][window].Sum;
                    }
                }
            }
            yield return [.. sums.Zip(weights, (s, w) => w == 0 ? 0 : s / w)];
        }
    }

    private readonly record struct Units((double Weight, double Sum)[][] Seeds)
    {
        public double Total => Seeds.Sum(s => s.Sum(w => w.Sum)) / Math.Max(1, Seeds.Sum(s => s.Sum(w => w.Weight)));
    }
}
