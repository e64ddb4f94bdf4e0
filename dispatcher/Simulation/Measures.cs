using System.Text.Json.Serialization;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>What a run came to. Calls of the first ten minutes, when nothing is warm yet, are left out.</summary>
public sealed record Measures
{
    private const double WarmUpS = 600;

    /// <summary>Calls measured.</summary>
    public required int Invocations { get; init; }

    public required int Rejected { get; init; }

    public required double MeanResponseS { get; init; }

    /// <summary>Quantiles of the response, seconds.</summary>
    public required double P50 { get; init; }

    public required double P95 { get; init; }

    public required double P99 { get; init; }

    /// <summary>Response over service time on an idle VM, warm.</summary>
    public required double MeanSlowdown { get; init; }

    [JsonPropertyName("p99_slowdown")]
    public required double P99Slowdown { get; init; }

    /// <summary>Share of calls with a cold start.</summary>
    public required double ColdShare { get; init; }

    /// <summary>Calls completed within the measured time, per second.</summary>
    public required double Goodput { get; init; }

    /// <summary>Coefficient of variation over VMs of the CPU seconds that functions used there, the whole run long.</summary>
    public required double CvWork { get; init; }

    /// <summary>From the results of all calls and the CPU seconds used on each VM.</summary>
    public static Measures Of(Scenario scenario, ReadOnlySpan<CallResult> results, double[] workS)
    {
        double warmUpS = Math.Min(WarmUpS, scenario.DurationS / 2);
        List<double> responses = [], slowdowns = [];
        int rejected = 0, cold = 0, inTime = 0;
        for (int i = 0; i < results.Length; i++)
        {
            SimulatedCall call = scenario.Calls[i];
            if (results[i].EndS >= warmUpS && results[i].EndS < scenario.DurationS) inTime++;
            if (call.ArrivalS < warmUpS) continue;
            if (results[i].IsRejected)
            {
                rejected++;
                continue;
            }
            responses.Add(results[i].EndS - call.ArrivalS);
            slowdowns.Add(responses[^1] / call.ServiceS);
            if (results[i].Cold) cold++;
        }
        responses.Sort();
        slowdowns.Sort();
        return new Measures
        {
            Invocations = responses.Count + rejected,
            Rejected = rejected,
            MeanResponseS = Mean(responses),
            P50 = Quantile(responses, .5),
            P95 = Quantile(responses, .95),
            P99 = Quantile(responses, .99),
            MeanSlowdown = Mean(slowdowns),
            P99Slowdown = Quantile(slowdowns, .99),
            ColdShare = responses.Count == 0 ? 0 : (double)cold / responses.Count,
            Goodput = inTime / (scenario.DurationS - warmUpS),
            CvWork = Variation(workS),
        };
    }

    private static double Mean(List<double> values) => values.Count == 0 ? 0 : values.Sum() / values.Count;

    // The smallest value that so much of all is not above.
    private static double Quantile(List<double> sorted, double level) => sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(level * sorted.Count) - 1)];

    private static double Variation(double[] values)
    {
        double mean = values.Average();
        return mean == 0 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length) / mean;
    }
}
