namespace Pipeline.Local.Audit;

/// <summary>What was predicted for one VM over the next 30 minutes, shares of its cores in 0..1.</summary>
/// <param name="MedianPeak">Median of the peak utilisation.</param>
/// <param name="HighPeak">.9 quantile of the peak utilisation.</param>
/// <param name="BusyProbability">Probability that the peak reaches .8.</param>
/// <param name="Last">Newest utilisation known then; the baseline "last value" takes it for the peak.</param>
public readonly record struct Forecast(float MedianPeak, float HighPeak, float BusyProbability, float Last)
{
    public const uint HorizonS = 1800;
}
