namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// The newest reports of each VM's own utilisation and a decayed view of those before: what schedulers that go by published load look at.
/// Arrays by the rows of <see cref="VmTable"/>, 200 bytes a VM.
/// </summary>
public sealed class UtilizationHistory
{
    /// <summary>Reports kept one by one: an hour at five minutes.</summary>
    public const int Recent = 12;

    /// <summary>Bins of the histogram, 5 % each.</summary>
    private const int Bins = 20;

    /// <summary>A report of a day ago counts half.</summary>
    private const double HalfLifeMs = 86_400_000;

    private int size;
    private float[] recent = [];
    private int[] count = [];
    private long[] newestMs = [];
    private float[] histogram = [];
    private double[] dayMean = [];
    private double[] dayWeight = [];

    /// <summary>Newest report, event time; <see cref="long.MinValue"/>: none.</summary>
    public long NewestMs(int vm) => vm < size ? newestMs[vm] : long.MinValue;

    /// <summary>Takes a report that is newer than those before.</summary>
    public void Add(int vm, long timeMs, double utilization)
    {
        Ensure(vm);
        float value = (float)Math.Clamp(utilization, 0, 1);
        double keep = count[vm] == 0 ? 0 : Math.Pow(2, (newestMs[vm] - timeMs) / HalfLifeMs);
        recent[(vm * Recent) + (count[vm]++ % Recent)] = value;
        newestMs[vm] = timeMs;
        Span<float> bins = histogram.AsSpan(vm * Bins, Bins);
        foreach (ref float bin in bins) bin *= (float)keep;
        bins[Math.Min(Bins - 1, (int)(value * Bins))]++;
        dayWeight[vm] = (dayWeight[vm] * keep) + 1;
        dayMean[vm] += (value - dayMean[vm]) / dayWeight[vm];
    }

    /// <summary>The last report; 0 without any.</summary>
    public double Last(int vm) => vm < size && count[vm] > 0 ? recent[(vm * Recent) + ((count[vm] - 1) % Recent)] : 0;

    /// <summary>Mean, standard deviation and maximum of the last <see cref="Recent"/> reports; 0 without any.</summary>
    public (double Mean, double Deviation, double Max) Hour(int vm)
    {
        int n = vm < size ? Math.Min(count[vm], Recent) : 0;
        if (n == 0) return default;
        double sum = 0, squares = 0, max = 0;
        foreach (float value in recent.AsSpan(vm * Recent, n))
        {
            sum += value;
            squares += value * value;
            max = Math.Max(max, value);
        }
        return (sum / n, Math.Sqrt(Math.Max(0, (squares / n) - (sum / n * (sum / n)))), max);
    }

    /// <summary>Decayed mean; 0 without any report.</summary>
    public double Day(int vm) => vm < size ? dayMean[vm] : 0;

    /// <summary>Decayed quantile, the upper edge of its bin; 0 without any report.</summary>
    public double Quantile(int vm, double level)
    {
        if (vm >= size || count[vm] == 0) return 0;
        ReadOnlySpan<float> bins = histogram.AsSpan(vm * Bins, Bins);
        double total = 0, below = 0;
        foreach (float bin in bins) total += bin;
        for (int i = 0; i < Bins; i++)
        {
            below += bins[i];
            if (below >= level * total) return (i + 1) / (double)Bins;
        }
        return 1;
    }

    private void Ensure(int vm)
    {
        if (vm < size) return;
        int old = size;
        size = Math.Max(vm + 1, Math.Max(16, size * 2));
        Array.Resize(ref recent, size * Recent);
        Array.Resize(ref count, size);
        Array.Resize(ref newestMs, size);
        Array.Resize(ref histogram, size * Bins);
        Array.Resize(ref dayMean, size);
        Array.Resize(ref dayWeight, size);
        newestMs.AsSpan(old).Fill(long.MinValue);
    }
}
