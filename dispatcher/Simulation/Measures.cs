using System.Text.Json.Serialization;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>What a run came to. Calls of the first ten minutes, when nothing is warm yet, are left out.</summary>
public sealed record Measures
{
    private const double WarmUpS = 600;

    /// <summary>Runs are compared window by window of their calls' arrival.</summary>
    private const double WindowS = 600;

    /// <summary>A call misses its deadline when its response is longer than a second and three times its service time on an idle VM, or when it never ends.</summary>
    private const double DeadlineS = 1, DeadlineSlowdown = 3;

    /// <summary>A tenant with fewer calls says nothing of fairness.</summary>
    private const int LeastCalls = 30;

    /// <summary>Calls measured.</summary>
    public required int Invocations { get; init; }

    /// <summary>Of them, calls that never ended: rejected, or given up after all attempts were lost.</summary>
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

    /// <summary>Work of the calls completed within the measured time, as a share of the cores that the VMs' own load left free (<see cref="ExecutionModel.FreeCores"/>).</summary>
    public required double GoodputShare { get; init; }

    /// <summary>The same of those that met their deadline.</summary>
    public required double GoodputInTimeShare { get; init; }

    /// <summary>Share of calls that missed a deadline of one second and three times their service time.</summary>
    public required double DeadlineMisses { get; init; }

    /// <summary>Coefficient of variation over VMs of the CPU seconds that functions used there, the whole run long.</summary>
    public required double CvWork { get; init; }

    /// <summary>Jain's index over tenants of the speed that their calls ran at (service over response, summed); 1: all alike.</summary>
    public required double Jain { get; init; }

    /// <summary>Hours of VMs with a call on them, summed over VMs, the whole run long.</summary>
    public required double VmHours { get; init; }

    /// <summary>99 % quantile of the response of the tenants that do not burst, during the burst, seconds; 0: nobody bursts.</summary>
    [JsonPropertyName("p99_others")]
    public required double P99Others { get; init; }

    /// <summary>Of each window: calls that ended, their summed response, the 99 % quantile of it.</summary>
    [JsonIgnore]
    public IReadOnlyList<(int Calls, double ResponseS, double P99)> Windows { get; init; } = [];

    /// <summary>The response that a call of this service time (seconds, idle VM) should not exceed, seconds.</summary>
    public static double DeadlineOf(double serviceS) => DeadlineS + (DeadlineSlowdown * serviceS);

    /// <summary>From the results of all calls, and of each VM the CPU seconds that functions used there and the seconds with a call on it.</summary>
    public static Measures Of(Scenario scenario, ReadOnlySpan<CallResult> results, IReadOnlyList<(double WorkS, double BusyS)> vms)
    {
        double warmUpS = Math.Min(WarmUpS, scenario.DurationS / 2);
        List<double> responses = [], slowdowns = [], others = [];
        List<List<double>> windows = [];
        Dictionary<string, (int Calls, double ServiceS, double ResponseS)> tenants = [];
        int rejected = 0, cold = 0, inTime = 0, missed = 0;
        double workS = 0, inTimeWorkS = 0;
        for (int i = 0; i < results.Length; i++)
        {
            SimulatedCall call = scenario.Calls[i];
            if (results[i].EndS >= warmUpS && results[i].EndS < scenario.DurationS)
            {
                inTime++;
                workS += call.ServiceS;
                if (results[i].EndS - call.ArrivalS <= DeadlineOf(call.ServiceS)) inTimeWorkS += call.ServiceS;
            }
            if (call.ArrivalS < warmUpS) continue;
            if (results[i].IsRejected)
            {
                rejected++;
                continue;
            }
            if (!results[i].IsAnswered) continue;
            double response = results[i].EndS - call.ArrivalS;
            responses.Add(response);
            slowdowns.Add(response / call.ServiceS);
            if (response > DeadlineOf(call.ServiceS)) missed++;
            if (results[i].Cold) cold++;
            int window = (int)((call.ArrivalS - warmUpS) / WindowS);
            while (windows.Count <= window) windows.Add([]);
            windows[window].Add(response);
            string tenant = scenario.Functions[call.Function].Tenant;
            (int n, double service, double sum) = tenants.GetValueOrDefault(tenant);
            tenants[tenant] = (n + 1, service + call.ServiceS, sum + response);
            if (scenario.BurstTenant is { } bursting && tenant != bursting && call.ArrivalS >= scenario.DurationS / 3 && call.ArrivalS < scenario.DurationS * 2 / 3) others.Add(response);
        }
        double freeCoreS = FreeCoreSeconds(scenario, warmUpS);
        foreach (List<double> values in (IEnumerable<List<double>>)[responses, slowdowns, others, .. windows]) values.Sort();
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
            GoodputShare = workS / freeCoreS,
            GoodputInTimeShare = inTimeWorkS / freeCoreS,
            DeadlineMisses = responses.Count + rejected == 0 ? 0 : (double)(missed + rejected) / (responses.Count + rejected),
            CvWork = Variation([.. vms.Select(v => v.WorkS)]),
            Jain = JainOf([.. tenants.Values.Where(t => t.Calls >= LeastCalls).Select(t => t.ServiceS / t.ResponseS)]),
            VmHours = vms.Sum(v => v.BusyS) / 3600,
            P99Others = Quantile(others, .99),
            Windows = [.. windows.Select(w => (w.Count, w.Sum(), Quantile(w, .99)))],
        };
    }

    private static double FreeCoreSeconds(Scenario scenario, double fromS)
    {
        double sum = 0;
        double[] up = [.. scenario.Vms.Select((_, v) => scenario.UpShare(v, fromS, scenario.DurationS))];
        for (double t = fromS; t < scenario.DurationS; t += scenario.PieceS)
            for (int v = 0; v < scenario.Vms.Count; v++) sum += up[v] * ExecutionModel.FreeCores(scenario.Cores[v], scenario.PieceLoadAt((int)(t / scenario.PieceS), v)) * Math.Min(scenario.PieceS, scenario.DurationS - t);
        return Math.Max(sum, double.Epsilon);
    }

    private static double Mean(List<double> values) => values.Count == 0 ? 0 : values.Sum() / values.Count;

    // The smallest value that so much of all is not above.
    private static double Quantile(List<double> sorted, double level) => sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(level * sorted.Count) - 1)];

    private static double JainOf(double[] values)
    {
        double squares = values.Sum(v => v * v), sum = values.Sum();
        return squares == 0 ? 1 : sum * sum / (values.Length * squares);
    }

    private static double Variation(double[] values)
    {
        double mean = values.Average();
        return mean == 0 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length) / mean;
    }
}
