namespace Pipeline.Predictor.Scoring;

/// <summary>The network's outputs for the rows of one snapshot, in arrays that are kept and grow.</summary>
public sealed class Forecast
{
    /// <summary>[rows, H, Q], each in 0..1, rising over Q and H.</summary>
    public float[] PeakQuantile { get; private set; } = [];

    /// <summary>[rows, H, B], rising over H.</summary>
    public float[] BusyProbability { get; private set; } = [];

    /// <summary>Values of the last run that were no shares at all; a model of ours gives none.</summary>
    public int Mended { get; private set; }

    /// <summary>
    /// Keeps every value within 0 and 1, whatever the model says: nobody's checks can try all inputs. What is no number becomes 1: nothing is promised of that VM.
    /// </summary>
    internal void Bound(int rows, int horizons, int levels, int thresholds) =>
        Mended = Bound(PeakQuantile.AsSpan(0, rows * horizons * levels)) + Bound(BusyProbability.AsSpan(0, rows * horizons * thresholds));

    private static int Bound(Span<float> values)
    {
        int mended = 0;
        foreach (ref float value in values)
        {
            if (value is >= 0 and <= 1) continue;
            value = float.IsNaN(value) ? 1f : Math.Clamp(value, 0f, 1f);
            mended++;
        }
        return mended;
    }

    internal void Reset(int rows, int horizons, int levels, int thresholds)
    {
        if (BusyProbability.Length >= rows * horizons * thresholds) return;
        PeakQuantile = new float[rows * horizons * levels];
        BusyProbability = new float[rows * horizons * thresholds];
    }
}
