namespace Pipeline.Dispatcher.Fleet;

/// <summary>What was predicted of a VM's peak utilisation over the next five minutes.</summary>
/// <param name="Q50">Quantile at .5, 0..1.</param>
/// <param name="Q90">At .9, not below <paramref name="Q50"/>.</param>
/// <param name="Q95">At .95, not below <paramref name="Q90"/>.</param>
/// <param name="Busy">Probability of being busy (.8 and more), 0..1.</param>
public readonly record struct PeakForecast(double Q50, double Q90, double Q95, double Busy)
{
    /// <summary>This utilisation, for sure.</summary>
    public static PeakForecast Of(double utilization) => new(utilization, utilization, utilization, 0);
}
