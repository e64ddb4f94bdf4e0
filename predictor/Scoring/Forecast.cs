namespace Pipeline.Predictor.Scoring;

/// <summary>The network's outputs for the rows of one snapshot, in arrays that are kept and grow.</summary>
public sealed class Forecast
{
    /// <summary>[rows, H, Q], each in 0..1, rising over Q and H.</summary>
    public float[] PeakQuantile { get; private set; } = [];

    /// <summary>[rows, H, B], rising over H.</summary>
    public float[] BusyProbability { get; private set; } = [];

    internal void Reset(int rows, int horizons, int levels, int thresholds)
    {
        if (BusyProbability.Length >= rows * horizons * thresholds) return;
        PeakQuantile = new float[rows * horizons * levels];
        BusyProbability = new float[rows * horizons * thresholds];
    }
}
