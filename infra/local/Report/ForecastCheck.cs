using Pipeline.Local.Audit;
using Pipeline.Schemas;

namespace Pipeline.Local.Report;

/// <summary>Holds what was predicted for the next 30 minutes against what then happened.</summary>
public sealed class ForecastCheck
{
    private ForecastCheck(IReadOnlyList<ForecastCase> cases) => Cases = cases;

    /// <summary>Every forecast whose 30 minutes are known whole.</summary>
    public IReadOnlyList<ForecastCase> Cases { get; }

    /// <summary>Share of cases whose peak stayed at or below the .9 quantile; .9 is wanted. NaN without cases.</summary>
    public double Coverage => Cases.Count == 0 ? double.NaN : Cases.Count(c => c.RealPeak <= c.Forecast.HighPeak) / (double)Cases.Count;

    /// <summary>Mean pinball loss over the quantiles .5 and .9, in percent of a VM's cores.</summary>
    public double Pinball => Mean(c => Loss(.5, c.RealPeak, c.Forecast.MedianPeak) + Loss(.9, c.RealPeak, c.Forecast.HighPeak));

    /// <summary>The same for "the peak will be the last value".</summary>
    public double PinballOfLastValue => Mean(c => Loss(.5, c.RealPeak, c.Forecast.Last) + Loss(.9, c.RealPeak, c.Forecast.Last));

    public static ForecastCheck Of(TopicAudit audit)
    {
        List<ForecastCase> cases = [];
        foreach (((string vm, long end), Forecast forecast) in audit.Forecasts.OrderBy(f => f.Key.End).ThenBy(f => f.Key.Vm, StringComparer.Ordinal))
        {
            if (float.IsFinite(forecast.Last) && RealPeak(audit.Fleet.Vms[vm], end) is { } peak) cases.Add(new ForecastCase(vm, end, forecast, peak));
        }
        return new ForecastCheck(cases);
    }

    /// <summary>Highest mean utilisation of a step within 30 minutes after <paramref name="end"/>; null when a step is missing.</summary>
    private static double? RealPeak(SortedDictionary<long, VmStep> history, long end)
    {
        const int StepMs = 300_000;
        double peak = 0;
        for (long at = end + StepMs; at <= end + (Forecast.HorizonS * 1000L); at += StepMs)
        {
            if (!history.TryGetValue(at, out VmStep? step) || step.Own is not { HasCpuUtilization: true }) return null;
            peak = Math.Max(peak, step.Own.CpuUtilization);
        }
        return peak;
    }

    private static double Loss(double level, double real, double predicted) => Math.Max(level * (real - predicted), (level - 1) * (real - predicted));

    private double Mean(Func<ForecastCase, double> loss) => Cases.Count == 0 ? double.NaN : Cases.Average(loss) / 2 * 100;
}
