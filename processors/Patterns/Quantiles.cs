namespace Pipeline.Processors.Patterns;

/// <summary>Quantiles of a series from a histogram between its least and largest value: exact to a 4096th of the range, without sorting. Not for two threads at once.</summary>
internal sealed class Quantiles
{
    private const int Bins = 4096;

    private readonly int[] counts = new int[Bins];
    private float low;
    private float width;
    private int total;

    public float Max { get; private set; }

    /// <summary>Takes the known values of a series.</summary>
    public void Fill(ReadOnlySpan<float> values, ReadOnlySpan<float> known)
    {
        (low, Max, total) = (float.PositiveInfinity, float.NegativeInfinity, 0);
        for (int t = 0; t < values.Length; t++)
        {
            if (known[t] == 0) continue;
            low = MathF.Min(low, values[t]);
            Max = MathF.Max(Max, values[t]);
            total++;
        }
        counts.AsSpan().Clear();
        width = (Max - low) / Bins;
        float scale = width > 0 ? 1 / width : 0;
        for (int t = 0; t < values.Length; t++)
            if (known[t] != 0) counts[Math.Min((int)((values[t] - low) * scale), Bins - 1)]++;
    }

    /// <summary>Value that the given share of the values does not exceed.</summary>
    public float At(double share)
    {
        int wanted = Math.Max(1, (int)Math.Ceiling(share * total)), seen = 0, bin = 0;
        while (bin < Bins - 1 && (seen += counts[bin]) < wanted) bin++;
        return low + (width * (bin + .5f));
    }
}
