namespace Pipeline.Processors.TimeAware;

/// <summary>
/// The newest errors of a forecast at one horizon, and intervals of them: rolling conformal intervals (C. Xu, Y. Xie, "Conformal prediction
/// interval for dynamic time-series", ICML 2021) whose level is steered by how often they held: adaptive conformal inference (I. Gibbs, E. Candès,
/// "Adaptive conformal inference under distribution shift", NeurIPS 2021). State: <see cref="Capacity"/> errors and two steered levels.
/// </summary>
public sealed class ErrorWindow
{
    /// <summary>Two weeks of hourly forecasts, so that every hour of the week is in it twice.</summary>
    public const int Capacity = 336;

    /// <summary>How far a miss moves the level.</summary>
    private const double Step = .005;

    /// <summary>Fewer errors than these do not say what a tail is like.</summary>
    private const int ErrorsMin = 20;

    /// <summary>Nominal coverages that are steered.</summary>
    public static readonly double[] Levels = [.8, .95];

    private readonly float[] ring;
    private readonly float[] sorted;
    private readonly double[] miss = [.. Levels.Select(l => 1 - l)];
    private readonly bool steered;
    private int next;

    /// <param name="steered">False: plain quantiles of the errors.</param>
    /// <param name="capacity">Errors that are kept.</param>
    public ErrorWindow(bool steered = true, int capacity = Capacity)
    {
        this.steered = steered;
        (ring, sorted) = (new float[capacity], new float[capacity]);
    }

    public int Count { get; private set; }

    /// <summary>Whether there are enough errors for an interval.</summary>
    public bool IsKnown => Count >= ErrorsMin;

    /// <summary>Takes an error, truth less forecast, and steers.</summary>
    public void Add(double error)
    {
        for (int i = 0; steered && i < Levels.Length && IsKnown; i++)
        {
            (double low, double high) = Interval(i);
            double wanted = 1 - Levels[i];
            miss[i] = Math.Clamp(miss[i] + (Step * (wanted - (error < low || error > high ? 1 : 0))), wanted / 5, Math.Min(.9, wanted * 2));
        }
        if (Count == ring.Length) Remove(ring[next]);
        Insert((float)error);
        ring[next] = (float)error;
        next = (next + 1) % ring.Length;
    }

    /// <summary>Where the error lies with the probability of <see cref="Levels"/>[i].</summary>
    public (double Low, double High) Interval(int i)
    {
        double half = (steered ? miss[i] : 1 - Levels[i]) / 2;
        return (Quantile(half), Quantile(1 - half));
    }

    /// <summary>Error that is not exceeded with this probability: the empirical quantile at (n + 1) level, as conformal prediction has it. NaN: none is known.</summary>
    public double Quantile(double level)
    {
        if (Count == 0) return double.NaN;
        double at = Math.Clamp((level * (Count + 1)) - 1, 0, Count - 1);
        int below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, Count - 1)] - sorted[below]));
    }

    /// <summary>Share of the errors that are larger.</summary>
    public double ShareAbove(double error)
    {
        int at = Array.BinarySearch(sorted, 0, Count, (float)error);
        if (at < 0) at = ~at;
        return Count == 0 ? double.NaN : (Count - at) / (double)Count;
    }

    /// <summary>Mean of what errors have above this one.</summary>
    public double MeanExcess(double error)
    {
        double sum = 0;
        for (int i = Count - 1; i >= 0 && sorted[i] > error; i--) sum += sorted[i] - error;
        return Count == 0 ? double.NaN : sum / Count;
    }

    private void Insert(float value)
    {
        int at = Array.BinarySearch(sorted, 0, Count, value);
        if (at < 0) at = ~at;
        Array.Copy(sorted, at, sorted, at + 1, Count - at);
        sorted[at] = value;
        Count++;
    }

    private void Remove(float value)
    {
        int at = Array.BinarySearch(sorted, 0, Count, value);
        Array.Copy(sorted, at + 1, sorted, at, Count - at - 1);
        Count--;
    }
}
