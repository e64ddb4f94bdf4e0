namespace Pipeline.Processors.Patterns;

/// <summary>The bursts of one community's mean series: runs of steps well above its median.</summary>
internal sealed class BurstEpisodes
{
    /// <summary>
    /// A burst step is at least so far above the median, utilisation, and above the 90th percentile, or so many spreads of the lower half above
    /// the median where that is less: communities that are busy a fifth of the time have peaks too.
    /// </summary>
    private const float HeightMin = .05f, SpreadsMin = 4;

    private const double Percentile = .9;

    /// <summary>Runs that are no further apart are one episode.</summary>
    private const int GapSteps = 2;

    private readonly List<(int Start, int End)> episodes = [];

    private BurstEpisodes()
    {
    }

    /// <summary>First and last step of each, in order.</summary>
    public IReadOnlyList<(int Start, int End)> All => episodes;

    public int Count => episodes.Count;

    /// <summary>How much more the starts cluster than independent ones would: variance over mean of their number in stretches of four hours of 5-minute steps, at least 1.</summary>
    public double Clustering { get; private set; } = 1;

    public static BurstEpisodes Of(ReadOnlySpan<float> series, Quantiles quantiles, Span<float> values, Span<float> known)
    {
        BurstEpisodes found = new();
        for (int t = 0; t < series.Length; t++) (values[t], known[t]) = float.IsFinite(series[t]) ? (series[t], 1f) : (0f, 0f);
        values = values[..series.Length];
        known = known[..series.Length];
        if (!known.Contains(1)) return found;
        quantiles.Fill(values, known);
        float median = quantiles.At(.5), calm = median - quantiles.At(.16);
        float floor = MathF.Max(median + HeightMin, MathF.Min(quantiles.At(Percentile), median + (SpreadsMin * calm)));
        for (int t = 0; t < series.Length; t++)
        {
            if (known[t] == 0 || values[t] < floor) continue;
            if (found.Count > 0 && t - found.episodes[^1].End <= GapSteps + 1) found.episodes[^1] = (found.episodes[^1].Start, t);
            else found.episodes.Add((t, t));
        }
        found.Clustering = found.MeasureClustering(series.Length);
        return found;
    }

    private double MeasureClustering(int length)
    {
        const int Stretch = 48;
        int n = length / Stretch;
        if (n < 2 || Count < 2) return 1;
        Span<int> counts = new int[n];
        foreach ((int start, _) in episodes) counts[Math.Min(n - 1, start / Stretch)]++;
        double sum = 0, squares = 0;
        foreach (int c in counts)
        {
            sum += c;
            squares += (double)c * c;
        }
        double mean = sum / n, variance = (squares - (sum * mean)) / (n - 1);
        return Math.Max(1, variance / mean);
    }
}
