namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Quantiles of times, a row each, in one array: DDSketch (Masson, Rim, Lee: VLDB 2019). A bucket reaches from one power of
/// <see cref="Growth"/> to the next, so a quantile is off by 5 % of itself at most, whatever the distribution, and rows are merged by adding
/// their counts up. Older times fade: a full row is halved.
/// </summary>
public sealed class TimeDigests
{
    /// <summary>(1 + a) / (1 - a) for a relative error a of 5 %.</summary>
    private const double Growth = 1.05 / .95;

    /// <summary>Times below a millisecond count as one, those beyond a quarter of an hour (the longest that platforms let a call run) as that.</summary>
    private const double ShortestS = .001, LongestS = 900;

    /// <summary>Times after which a row is halved: a changed function is known within minutes at a few calls a second.</summary>
    private const int Most = 1000;

    private static readonly double LogGrowth = Math.Log(Growth);

    private static readonly int Buckets = BucketOf(LongestS) + 1;

    private ushort[] counts = [];
    private ushort[] totals = [];

    /// <summary>Times that a row holds, faded ones left out.</summary>
    public int Count(int row) => row < totals.Length ? totals[row] : 0;

    /// <summary>Adds a time, seconds.</summary>
    public void Add(int row, double seconds)
    {
        if (row >= totals.Length) Grow(row + 1);
        counts[(row * Buckets) + BucketOf(seconds)]++;
        if (++totals[row] >= Most) Halve(row);
    }

    /// <summary>The time, seconds, that a share of all (0..1) does not exceed; NaN of an empty row.</summary>
    public double Quantile(int row, double level)
    {
        if (Count(row) == 0) return double.NaN;
        ReadOnlySpan<ushort> own = counts.AsSpan(row * Buckets, Buckets);
        int wanted = Math.Clamp((int)Math.Ceiling(level * totals[row]), 1, totals[row]), bucket = 0;
        for (int seen = own[0]; seen < wanted; seen += own[bucket]) bucket++;
        // In the middle of the bucket by ratio: as far from its lower end as from its upper one.
        return ShortestS * Math.Pow(Growth, bucket) * 2 / (1 + Growth);
    }

    private static int BucketOf(double seconds) => (int)Math.Ceiling(Math.Log(Math.Clamp(seconds, ShortestS, LongestS) / ShortestS) / LogGrowth);

    private void Halve(int row)
    {
        int total = 0;
        foreach (ref ushort count in counts.AsSpan(row * Buckets, Buckets))
        {
            count = (ushort)((count + 1) / 2);
            total += count;
        }
        totals[row] = (ushort)total;
    }

    private void Grow(int rows)
    {
        int size = Math.Max(rows, Math.Max(16, totals.Length * 2));
        Array.Resize(ref totals, size);
        Array.Resize(ref counts, size * Buckets);
    }
}
