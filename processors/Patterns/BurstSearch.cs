namespace Pipeline.Processors.Patterns;

/// <summary>
/// Bursts of one series: steps far above the median, for the spread that its lower half has (which bursts do not widen). Not for two
/// threads at once.
/// </summary>
internal sealed class BurstSearch
{
    /// <summary>Least height above the median, utilisation.</summary>
    public const float HeightMin = .1f;

    /// <summary>Least height in standard deviations of the calm part.</summary>
    private const float SpreadsMin = 4;

    /// <summary>Share of steps that bursts have at least and at most: below they are accidents, above they are the normal state.</summary>
    private const double ShareMin = .003, ShareMax = .3;

    /// <summary>Bursts, share of the variance that they carry, and part of their height that they gain within <see cref="RiseSteps"/> steps, at least.</summary>
    private const int CountMin = 3;
    private const double ExplainedMin = .5, AbruptMin = .4;

    private const int RiseSteps = 2;

    /// <summary>Runs that are no further apart are one burst.</summary>
    private const int GapSteps = 1;

    /// <summary>Share of the known steps that are in a burst.</summary>
    public double Share { get; private set; }

    public int Count { get; private set; }

    /// <summary>Share of the variance that is in the bursts.</summary>
    public double Explained { get; private set; }

    /// <summary>Whether bursts are what the series is about.</summary>
    public bool Bursty { get; private set; }

    /// <summary>Takes a series.</summary>
    /// <param name="x">Without rhythm, trend and levels.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    /// <param name="median">Of the known steps.</param>
    /// <param name="lower">Their 16th percentile: in normal noise, one standard deviation below.</param>
    public void Find(ReadOnlySpan<float> x, ReadOnlySpan<float> known, float median, float lower)
    {
        float floor = median + MathF.Max(HeightMin, SpreadsMin * (median - lower));
        int n = 0;
        double inside = 0, all = 0, rises = 0;
        (int steps, Count) = (0, 0);
        int last = int.MinValue / 2;
        for (int t = 0; t < x.Length; t++)
        {
            if (known[t] == 0) continue;
            n++;
            double d = x[t] - median;
            all += d * d;
            if (x[t] < floor) continue;
            steps++;
            inside += d * d;
            if (t - last > GapSteps + 1)
            {
                Count++;
                rises += Rise(x, known, t, median);
            }
            last = t;
        }
        Share = n == 0 ? 0 : (double)steps / n;
        Explained = all <= 0 ? 0 : inside / all;
        Bursty = Count >= CountMin && Share >= ShareMin && Share <= ShareMax && Explained >= ExplainedMin && rises / Count >= AbruptMin;
    }

    /// <summary>Of the height that a burst reaches soon after its start, the part that was not there two steps before it.</summary>
    private static double Rise(ReadOnlySpan<float> x, ReadOnlySpan<float> known, int start, float median)
    {
        float top = x[start];
        for (int t = start + 1; t < Math.Min(x.Length, start + RiseSteps + 1); t++)
            if (known[t] != 0) top = MathF.Max(top, x[t]);
        int before = start - 1;
        while (before > 0 && (known[before] == 0 || before > start - RiseSteps)) before--;
        return before < 0 || known[before] == 0 ? 1 : Math.Clamp((top - x[before]) / (top - median), 0, 1);
    }
}
