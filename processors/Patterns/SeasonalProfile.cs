namespace Pipeline.Processors.Patterns;

/// <summary>
/// The mean cycle of a series at a given period, and whether it is one: the intraclass correlation (R. A. Fisher, "Statistical Methods for
/// Research Workers", 1925) of the same phase in different cycles, after a moving mean over one period has been taken out. Random bursts
/// and slow wandering do not come back at the same phase and give about 0. Not for two threads at once.
/// </summary>
internal sealed class SeasonalProfile(int length)
{
    /// <summary>Lags that the memory of the noise is summed over, at most.</summary>
    private const int MemoryLags = 64;

    private readonly float[] flat = new float[length];
    private readonly int[] phase = new int[length];
    private readonly double[] sums = new double[length + 1];
    private readonly double[] squares = new double[length + 1];
    private readonly int[] counts = new int[length + 1];

    /// <summary>Steps in which the cycle was cut: whole numbers 0 to Bins - 1.</summary>
    public int Bins { get; private set; }

    /// <summary>Correlation of a cycle with another, -1..1.</summary>
    public double Correlation { get; private set; }

    /// <summary>The correlation in standard errors of what noise of the same memory would give (M. S. Bartlett, 1946).</summary>
    public double Z { get; private set; }

    /// <summary>Tries a period.</summary>
    /// <param name="values">Series; 0 where missing.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    /// <param name="period">Steps, at least 2.</param>
    public void Fit(ReadOnlySpan<float> values, ReadOnlySpan<float> known, double period)
    {
        Bins = Math.Max(2, (int)Math.Round(period));
        Flatten(values, known, Bins);
        sums.AsSpan(0, Bins).Clear();
        squares.AsSpan(0, Bins).Clear();
        counts.AsSpan(0, Bins).Clear();
        double perStep = Bins / period, at = .5;
        double variance = 0;
        int total = 0;
        for (int t = 0; t < values.Length; t++)
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
            total++;
        }
        (Correlation, Z) = (0, 0);
        if (total == 0 || variance <= 1e-9 * total) return;
        double products = 0, pairs = 0;
        for (int b = 0; b < Bins; b++)
        {
            products += (sums[b] * sums[b]) - squares[b];
            pairs += (double)counts[b] * (counts[b] - 1);
        }
        if (pairs <= 0) return;
        Correlation = products / pairs / (variance / total);
        Z = Correlation * Math.Sqrt(pairs / 2 / Memory(known, values.Length));
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

    /// <summary>1 + 2 sum of the squared autocorrelations of what the cycle leaves over, up to half a period: by so much fewer samples it counts.</summary>
    private double Memory(ReadOnlySpan<float> known, int steps)
    {
        for (int t = 0; t < steps; t++) flat[t] = known[t] == 0 ? 0 : flat[t] - At(t);
        ReadOnlySpan<float> rest = flat.AsSpan(0, steps);
        float variance = System.Numerics.Tensors.TensorPrimitives.SumOfSquares(rest);
        if (variance <= 0) return 1;
        double memory = 1;
        for (int lag = 1; lag <= Math.Min(Bins / 2, MemoryLags); lag++)
        {
            double r = System.Numerics.Tensors.TensorPrimitives.Dot(rest[lag..], rest[..^lag]) / variance;
            memory += 2 * r * r;
        }
        return memory;
    }
}
