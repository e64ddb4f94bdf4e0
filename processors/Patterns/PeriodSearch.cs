using System.Numerics.Tensors;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Finds the period of a series in two steps after M. Vlachos, P. Yu, V. Castelli, "On periodicity detection and structural periodic
/// similarity" (2005): candidates are peaks of the spectrum that stand out of their surroundings, and hills of the autocorrelation; each is
/// sharpened on its harmonics and then confirmed in the time domain (<see cref="SeasonalProfile"/>). Not for two threads at once.
/// </summary>
internal sealed class PeriodSearch(int length)
{
    /// <summary>Cycles that have to be seen.</summary>
    public const double CyclesMin = 2.8;

    /// <summary>The shortest period, steps.</summary>
    private const double PeriodMin = 4;

    /// <summary>Peaks of the spectrum and hills of the autocorrelation that are looked at.</summary>
    private const int Peaks = 6, Hills = 4;

    /// <summary>
    /// Standard errors, and correlation, from which a period is believed. Some ten candidates are tried, each the best of its
    /// surroundings: 5 standard errors leave room for all of these and for noise whose memory is underestimated.
    /// </summary>
    private const double ZMin = 5, CorrelationMin = .12;

    /// <summary>Of several periods the shortest is taken that is so nearly as good as the best: twice a period is a period too.</summary>
    private const double NearlyAsGood = .8;

    /// <summary>No single cycle may carry the correlation: this share of it has to be left without any one.</summary>
    private const double WithoutOneMin = .6;

    /// <summary>Height of a hill of the autocorrelation over the valley before it.</summary>
    private const float HillMin = .06f;

    /// <summary>A peak stands out when its power is so many times the geometric mean around it: noise alone reaches about 10 among a thousand.</summary>
    private const float OutstandingMin = 6;

    private readonly Autocorrelation autocorrelation = new(length);
    private readonly float[] logs = new float[length * 4];
    private readonly double[] sums = new double[length * 4];
    private readonly double[] candidates = new double[Peaks + Hills];
    private readonly double[] scores = new double[Peaks + Hills];

    public SeasonalProfile Profile { get; } = new(length);

    /// <summary>Period in steps, or 0; <see cref="Profile"/> then holds its cycle.</summary>
    /// <param name="values">Series without mean and trend; 0 where missing.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    public double Find(ReadOnlySpan<float> values, ReadOnlySpan<float> known)
    {
        if (values.Length < CyclesMin * PeriodMin) return 0;
        autocorrelation.Compute(values, known);
        int n = AddPeaks(0, values.Length);
        n = AddHills(n, values.Length);
        candidates.AsSpan(0, n).Sort();
        double best = 0;
        for (int i = 0; i < n; i++)
        {
            scores[i] = 0;
            if (!OnHill(candidates[i]) || IsMultiple(i)) continue;
            Profile.Fit(values, known, candidates[i], CorrelationMin);
            if (Profile.Z < ZMin || Profile.CorrelationWithoutOne < WithoutOneMin * Profile.Correlation) continue;
            scores[i] = Profile.Correlation;
            best = Math.Max(best, scores[i]);
        }
        if (best == 0) return 0;
        int chosen = 0;
        while (scores[chosen] < NearlyAsGood * best) chosen++;
        Profile.Fit(values, known, candidates[chosen], CorrelationMin);
        return candidates[chosen];
    }

    /// <summary>Whether this is a multiple of a period that is confirmed and as good: then the shorter one says it all.</summary>
    private bool IsMultiple(int candidate)
    {
        for (int i = 0; i < candidate; i++)
        {
            double ratio = candidates[candidate] / candidates[i], off = Math.Abs(ratio - Math.Round(ratio)) / ratio;
            if (scores[i] > 0 && ratio > 1.5 && off < .02 && CorrelationAt(candidates[candidate]) < CorrelationAt(candidates[i]) + HillMin) return true;
        }
        return false;
    }

    private float CorrelationAt(double period)
    {
        ReadOnlySpan<float> r = autocorrelation.Correlation;
        int lag = Math.Min(r.Length - 2, (int)Math.Round(period));
        return Math.Max(r[lag], Math.Max(r[lag - 1], r[lag + 1]));
    }

    /// <summary>Whether the autocorrelation is higher at the period than half a period before it: the cheap part of the confirmation.</summary>
    private bool OnHill(double period)
    {
        ReadOnlySpan<float> r = autocorrelation.Correlation;
        int lag = Math.Min(r.Length - 2, (int)Math.Round(period));
        return CorrelationAt(period) - Math.Min(r[lag / 2], r[(lag + 1) / 2]) >= HillMin;
    }

    private int AddPeaks(int n, int steps)
    {
        ReadOnlySpan<float> power = autocorrelation.Power;
        Span<float> log = logs.AsSpan(0, power.Length);
        TensorPrimitives.Add(power, 1e-12f, log);
        TensorPrimitives.Log(log, log);
        sums[0] = 0;
        for (int k = 0; k < log.Length; k++) sums[k + 1] = sums[k] + log[k];
        int first = Math.Max(1, (int)(CyclesMin * autocorrelation.Size / steps)), last = Math.Min(power.Length - 2, (int)(autocorrelation.Size / PeriodMin));
        Span<float> found = stackalloc float[Peaks];
        Span<int> at = stackalloc int[Peaks];
        int count = 0;
        for (int k = first; k <= last; k++)
        {
            if (power[k] < power[k - 1] || power[k] <= power[k + 1]) continue;
            int from = Math.Max(1, Math.Min(k / 2, k - 8)), to = Math.Min(log.Length, Math.Max(k * 2, k + 8));
            float outstanding = log[k] - (float)((sums[to] - sums[from]) / (to - from));
            if (outstanding < MathF.Log(OutstandingMin)) continue;
            // Among those that stand out, power counts.
            count = Insert(found, at, count, log[k], k);
        }
        for (int i = 0; i < count; i++) n = Add(n, Sharpen(at[i]), steps);
        return n;
    }

    private int AddHills(int n, int steps)
    {
        ReadOnlySpan<float> r = autocorrelation.Correlation;
        Span<float> found = stackalloc float[Hills];
        Span<int> at = stackalloc int[Hills];
        int count = 0, lagMax = Math.Min(r.Length - 2, (int)(steps / CyclesMin));
        float valley = 1;
        for (int lag = 1; lag <= lagMax; lag++)
        {
            valley = Math.Min(valley, r[lag]);
            if (lag < PeriodMin || r[lag] < .1f || r[lag] - valley < .1f || r[lag] < r[lag - 1] || r[lag] <= r[lag + 1]) continue;
            int reach = Math.Max(2, lag / 8);
            if (TensorPrimitives.Max(r[(lag - reach)..Math.Min(r.Length, lag + reach + 1)]) > r[lag]) continue;
            // Multiples of a period are hills as high: the first of them goes first.
            count = Insert(found, at, count, r[lag] * (1 - (.3f * lag / steps)), lag);
        }
        for (int i = 0; i < count; i++) n = Add(n, Sharpen((double)autocorrelation.Size / at[i]), steps);
        return n;
    }

    private static int Insert(Span<float> values, Span<int> at, int count, float value, int place)
    {
        int i = count;
        if (i == values.Length && value <= values[--i]) return count;
        for (; i > 0 && values[i - 1] < value; i--) (values[i], at[i]) = (values[i - 1], at[i - 1]);
        (values[i], at[i]) = (value, place);
        return Math.Min(count + 1, values.Length);
    }

    private int Add(int n, double bin, int steps)
    {
        double period = autocorrelation.Size / bin;
        if (period < PeriodMin || period > steps / CyclesMin) return n;
        for (int i = 0; i < n; i++)
            if (Math.Abs(candidates[i] - period) < .002 * period) return n;
        candidates[n] = period;
        return n + 1;
    }

    /// <summary>The frequency near a bin at which it and its first harmonics hold most power: the more harmonics, the sharper.</summary>
    private double Sharpen(double bin)
    {
        double best = bin, most = 0;
        for (int i = -16; i <= 16; i++)
        {
            double f = bin + (i / 16.0), power = 0;
            for (int h = 1; h <= 6; h++) power += PowerAt(h * f);
            if (power > most) (best, most) = (f, power);
        }
        return best;
    }

    /// <summary>Power between two bins, on the parabola through the three nearest.</summary>
    private double PowerAt(double bin)
    {
        ReadOnlySpan<float> power = autocorrelation.Power;
        int k = (int)Math.Round(bin);
        if (k < 1 || k > power.Length - 2) return 0;
        double d = bin - k, left = power[k - 1], middle = power[k], right = power[k + 1];
        return middle + (d * (right - left) / 2) + (d * d * (left + right - (2 * middle)) / 2);
    }
}
