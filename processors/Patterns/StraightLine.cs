namespace Pipeline.Processors.Patterns;

/// <summary>Least-squares line through a series, over its known steps.</summary>
/// <param name="Slope">Per step.</param>
/// <param name="Middle">Step at which the line is at <paramref name="Height"/>.</param>
/// <param name="Height">Mean of the series.</param>
/// <param name="Spread">Sum of the squared distances of the steps from the middle.</param>
/// <param name="Explained">Share of the variance that the line explains, 0..1.</param>
internal readonly record struct StraightLine(double Slope, double Middle, double Height, double Spread, double Explained)
{
    public static StraightLine Through(ReadOnlySpan<float> x, ReadOnlySpan<float> known)
    {
        double n = 0, t1 = 0, t2 = 0, x1 = 0, x2 = 0, tx = 0;
        for (int t = 0; t < x.Length; t++)
        {
            double w = known[t], v = x[t] * w;
            n += w;
            t1 += w * t;
            t2 += w * t * t;
            x1 += v;
            x2 += v * x[t];
            tx += v * t;
        }
        return Of(n, t1, t2, x1, x2, tx);
    }

    /// <summary>Line through values at given steps, with the squared error that it leaves and that error's lag-1 autocorrelation.</summary>
    public static StraightLine Through(ReadOnlySpan<double> x, ReadOnlySpan<int> at, out double error, out double memory)
    {
        double t1 = 0, t2 = 0, x1 = 0, x2 = 0, tx = 0;
        for (int i = 0; i < x.Length; i++)
        {
            t1 += at[i];
            t2 += (double)at[i] * at[i];
            x1 += x[i];
            x2 += x[i] * x[i];
            tx += x[i] * at[i];
        }
        StraightLine line = Of(x.Length, t1, t2, x1, x2, tx);
        double products = 0, before = 0;
        error = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double rest = x[i] - line.At(at[i]);
            error += rest * rest;
            products += rest * before;
            before = rest;
        }
        memory = error <= 0 ? 0 : products / error;
        return line;
    }

    public double At(int step) => Height + (Slope * (step - Middle));

    public void Remove(Span<float> x, ReadOnlySpan<float> known)
    {
        for (int t = 0; t < x.Length; t++) x[t] -= (float)At(t) * known[t];
    }

    public void Add(Span<float> x, ReadOnlySpan<float> known)
    {
        for (int t = 0; t < x.Length; t++) x[t] += (float)At(t) * known[t];
    }

    /// <summary>Slope in standard errors, for noise that remembers: fewer effective samples (Bartlett 1946).</summary>
    public double Z(int n, double error, double memory)
    {
        // The line takes some of the noise's memory with it (Marriott and Pope 1954).
        memory = Math.Clamp(memory + ((2 + (4 * memory)) / n), 0, .98);
        double variance = Math.Max(error / Math.Max(1, n - 2), 1e-9) * (1 + memory) / (1 - memory);
        return Spread <= 0 ? 0 : Slope * Math.Sqrt(Spread / variance);
    }

    private static StraightLine Of(double n, double t1, double t2, double x1, double x2, double tx)
    {
        if (n == 0) return default;
        double spread = t2 - (t1 * t1 / n), variance = x2 - (x1 * x1 / n), both = tx - (t1 * x1 / n);
        double slope = spread > 0 ? both / spread : 0;
        return new StraightLine(slope, t1 / n, x1 / n, spread, variance > 1e-9 ? Math.Clamp(slope * both / variance, 0, 1) : 0);
    }
}
