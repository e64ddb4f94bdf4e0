using System.Numerics.Tensors;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// The mean cycle of a series at a given period, and whether it is one: the intraclass correlation (R. A. Fisher, "Statistical Methods for
/// Research Workers", 1925) of the same phase in different cycles, after a moving mean over one period has been taken out. Random bursts
/// and slow wandering do not come back at the same phase and give about 0. Not for two threads at once.
/// </summary>
internal sealed class SeasonalProfile(int length)
{
    /// <summary>A step is cut into up to so many bins where many cycles fill them: in a period that is not whole a step is at another phase each time.</summary>
    private const int FinestBins = 4, CyclesPerBin = 8;

    private readonly float[] flat = new float[length];
    private readonly int[] phase = new int[length];
    private readonly double[] sums = new double[length + 1];
    private readonly double[] squares = new double[length + 1];
    private readonly int[] counts = new int[length + 1];
    private double variance;

    /// <summary>Steps known.</summary>
    private int Total { get; set; }

    /// <summary>Parts in which the cycle was cut.</summary>
    public int Bins { get; private set; }

    /// <summary>Correlation of a cycle with another, -1..1.</summary>
    public double Correlation { get; private set; }

    /// <summary>How far it is beyond chance, in standard errors: F test of the analysis of variance with effective numbers of samples (M. S. Bartlett, 1946), as a normal quantile (E. B. Wilson, M. M. Hilferty, 1931).</summary>
    public double Z { get; private set; }

    /// <summary>Least correlation that is left when any one cycle is taken away.</summary>
    public double CorrelationWithoutOne { get; private set; }

    /// <summary>Tries a period.</summary>
    /// <param name="values">Series; 0 where missing.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    /// <param name="period">Steps, at least 2.</param>
    /// <param name="worth">At a lower correlation nothing else is worth finding out.</param>
    public void Fit(ReadOnlySpan<float> values, ReadOnlySpan<float> known, double period, double worth)
    {
        double cycles = values.Length / period;
        Bins = Math.Max(2, (int)Math.Round(period * Math.Clamp((int)(cycles / CyclesPerBin), 1, FinestBins)));
        Flatten(values, known, Math.Max(2, (int)Math.Round(period)));
        Fold(known[..values.Length], period);
        (Correlation, Z, CorrelationWithoutOne) = (0, 0, 0);
        if (Total <= 0 || variance <= 1e-9 * Total) return;
        double products = 0, pairs = 0;
        for (int b = 0; b < Bins; b++)
        {
            products += (sums[b] * sums[b]) - squares[b];
            pairs += (double)counts[b] * (counts[b] - 1);
        }
        if (pairs <= 0) return;
        Correlation = products / pairs / (variance / Total);
        if (Correlation < worth) return;
        CorrelationWithoutOne = WithoutOne(known[..values.Length], period, products, pairs);
        if (CorrelationWithoutOne <= 0) return;
        Z = Significance(cycles, values.Length / Memory(known, values.Length, (int)(period / 2)));
    }

    /// <summary>Mean cycle at a step, about 0 on average over a cycle.</summary>
    public float At(int step)
    {
        int bin = phase[step];
        return counts[bin] == 0 ? 0 : (float)(sums[bin] / counts[bin]);
    }

    /// <summary>Highest minus lowest value of the mean cycle.</summary>
    public float Amplitude()
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (int b = 0; b < Bins; b++)
        {
            if (counts[b] == 0) continue;
            low = Math.Min(low, sums[b] / counts[b]);
            high = Math.Max(high, sums[b] / counts[b]);
        }
        return high > low ? (float)(high - low) : 0;
    }

    /// <summary>Sums of each bin over the cycles.</summary>
    private void Fold(ReadOnlySpan<float> known, double period)
    {
        sums.AsSpan(0, Bins).Clear();
        squares.AsSpan(0, Bins).Clear();
        counts.AsSpan(0, Bins).Clear();
        double perStep = Bins / period, at = .5;
        (variance, Total) = (0, 0);
        for (int t = 0; t < known.Length; t++)
        {
            int bin = Math.Min((int)at, Bins - 1);
            phase[t] = bin;
            if ((at += perStep) >= Bins) at -= Bins;
            if (known[t] == 0) continue;
            double v = flat[t];
            sums[bin] += v;
            squares[bin] += v * v;
            counts[bin]++;
            variance += v * v;
            Total++;
        }
    }

    /// <summary>Two bursts that happen to be a period apart correlate well, but only while both cycles are there: the sum of products without a cycle.</summary>
    private double WithoutOne(ReadOnlySpan<float> known, double period, double products, double pairs)
    {
        double least = double.PositiveInfinity;
        for (double start = 0; start < known.Length; start += period)
        {
            int from = (int)Math.Ceiling(start), to = Math.Min(known.Length, (int)Math.Ceiling(start + period));
            double with = 0, own = 0, count = 0, met = 0;
            for (int t = from; t < to; t++)
            {
                with += flat[t] * sums[phase[t]];
                own += (double)flat[t] * flat[t];
                met += known[t] * (counts[phase[t]] - 1);
                count += known[t];
            }
            // The other cycles meet this one in both orders.
            double left = (variance - own) / (Total - count), pairsLeft = pairs - (2 * met);
            if (left > 0 && pairsLeft > 0) least = Math.Min(least, (products - (2 * (with - own))) / pairsLeft / left);
        }
        return double.IsFinite(least) ? least : 0;
    }

    private double Significance(double cycles, double samples)
    {
        double r = Math.Clamp(Correlation, 0, .9999), f = (1 + ((cycles - 1) * r)) / (1 - r);
        double between = 2 / 9.0 / Math.Max(1, samples / cycles), within = 2 / 9.0 / Math.Max(1, samples * (cycles - 1) / cycles), root = Math.Cbrt(f);
        return (((1 - within) * root) - (1 - between)) / Math.Sqrt((within * root * root) + between);
    }

    /// <summary>Takes out the moving mean over one period, so that neither trend nor levels nor slow wandering take part; at the ends the window is shifted, not cut.</summary>
    private void Flatten(ReadOnlySpan<float> values, ReadOnlySpan<float> known, int window)
    {
        sums[0] = squares[0] = 0;
        for (int t = 0; t < values.Length; t++)
        {
            sums[t + 1] = sums[t] + values[t];
            squares[t + 1] = squares[t] + known[t];
        }
        int last = Math.Max(0, values.Length - window);
        for (int t = 0; t < values.Length; t++)
        {
            int first = Math.Clamp(t - (window / 2), 0, last), end = Math.Min(values.Length, first + window);
            double n = squares[end] - squares[first];
            flat[t] = known[t] == 0 ? 0 : values[t] - (float)((sums[end] - sums[first]) / n);
        }
    }

    /// <summary>1 + 2 sum of the squared autocorrelations of what the cycle leaves over: by so much fewer samples it counts.</summary>
    private double Memory(ReadOnlySpan<float> known, int steps, int lags)
    {
        for (int t = 0; t < steps; t++) flat[t] = known[t] == 0 ? 0 : flat[t] - At(t);
        ReadOnlySpan<float> rest = flat.AsSpan(0, steps);
        float all = TensorPrimitives.SumOfSquares(rest);
        if (all <= 0) return 1;
        double memory = 1;
        // The autocorrelation of what is left is smooth: at longer lags one stands for some.
        for (int lag = 1, step = 1; lag <= lags; lag += step)
        {
            step = 1 + (lag / 5);
            double r = TensorPrimitives.Dot(rest[lag..], rest[..^lag]) / all;
            memory += 2 * step * r * r;
        }
        return memory;
    }
}
