using System.Numerics.Tensors;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Takes a series apart into rhythm, a straight line or levels, and the rest. Rhythm and levels are mistaken for each other where only one is
/// looked for, so each is found on what the other leaves, once starting without levels and once with those that the plain series shows;
/// what explains more at the same cost is kept (Schwarz's criterion, 1978). Not for two threads at once.
/// </summary>
internal sealed class Decomposition(int length, PatternOptions options)
{
    /// <summary>Steps that count as one sample, and samples' worth of freedom that a rhythm costs: their ratio alone matters, as between models.</summary>
    private const double StepsPerSample = 4, RhythmCost = 6;

    private readonly PeriodSearch periods = new(Math.Max(length, 16));
    private readonly LevelShiftSearch levels = new(length);
    private readonly float[] level = new float[length];
    private readonly float[] work = new float[length];
    private readonly float[] cycle = new float[length];
    private readonly float[] season = new float[length];
    private readonly float[] rest = new float[length];
    private readonly LevelShift[] shifts = new LevelShift[LevelShiftSearch.ShiftsMax];
    private int shiftCount;

    /// <summary>Period in steps; 0: none.</summary>
    public double Period { get; private set; }

    public double PeriodCorrelation { get; private set; }

    public float Amplitude { get; private set; }

    /// <summary>Line through the series without its rhythm.</summary>
    public StraightLine Line { get; private set; }

    /// <summary>Whether the line and not levels is what is taken out.</summary>
    public bool Trend { get; private set; }

    public double SeasonVariance { get; private set; }

    public double RestVariance { get; private set; }

    public ReadOnlySpan<LevelShift> Shifts => shifts.AsSpan(0, shiftCount);

    /// <summary>What is left; 0 where missing.</summary>
    public Span<float> Rest => rest;

    /// <summary>Takes a series.</summary>
    /// <param name="x">Utilisation less its mean; 0 where missing.</param>
    /// <param name="known">1 where known, 0 where missing.</param>
    public void Run(ReadOnlySpan<float> x, ReadOnlySpan<float> known)
    {
        double samples = Math.Max(2, TensorPrimitives.Sum(known) / StepsPerSample), best = double.PositiveInfinity;
        Span<float> l = level.AsSpan(0, x.Length);
        l.Clear();
        best = Improve(x, known, samples, best);
        // A staircase and a saw make a line too; and without rhythm the plain series has been looked at.
        if (shiftCount == 0 && (Trend || Period == 0)) return;
        levels.Find(x, known);
        if (levels.Shifts.Length == 0) return;
        FillLevels(l);
        Improve(x, known, samples, best);
    }

    /// <summary>Rhythm without the present levels, then levels without that rhythm; twice.</summary>
    private double Improve(ReadOnlySpan<float> x, ReadOnlySpan<float> known, double samples, double best)
    {
        Span<float> w = work.AsSpan(0, x.Length), c = cycle.AsSpan(0, x.Length), l = level.AsSpan(0, x.Length);
        for (int pass = 0; pass < 2; pass++)
        {
            TensorPrimitives.Subtract(x, l, w);
            TensorPrimitives.Multiply(w, known, w);
            double period = FindPeriod(w, known, c);
            TensorPrimitives.Subtract(x, c, w);
            TensorPrimitives.Multiply(w, known, w);
            StraightLine line = StraightLine.Through(w, known);
            levels.Find(w, known);
            bool trend = IsTrend(line, w.Length);
            if (trend)
            {
                line.Remove(w, known);
                levels.Find(w, known);
            }
            FillLevels(l);
            TensorPrimitives.Subtract(w, l, w);
            TensorPrimitives.Multiply(w, known, w);
            double left = Variance(w, known);
            double cost = (2 * levels.Shifts.Length) + (trend ? 1 : 0) + (period > 0 ? RhythmCost : 0);
            double score = (samples * Math.Log(Math.Max(left, 1e-7))) + (cost * Math.Log(samples));
            if (score < best)
            {
                best = score;
                Keep(period, line, trend, left, known);
            }
            if (levels.Shifts.Length == 0) break;
        }
        return best;
    }

    private void Keep(double period, StraightLine line, bool trend, double left, ReadOnlySpan<float> known)
    {
        int n = known.Length;
        (Period, Line, Trend, RestVariance) = (period, line, trend, left);
        (PeriodCorrelation, Amplitude) = period > 0 ? (periods.Profile.Correlation, periods.Profile.Amplitude()) : (0, 0);
        cycle.AsSpan(0, n).CopyTo(season);
        work.AsSpan(0, n).CopyTo(rest);
        SeasonVariance = Variance(season.AsSpan(0, n), known);
        shiftCount = levels.Shifts.Length;
        levels.Shifts.CopyTo(shifts);
    }

    private double FindPeriod(Span<float> x, ReadOnlySpan<float> known, Span<float> into)
    {
        // A line's spectrum would cover everything slow.
        StraightLine.Through(x, known).Remove(x, known);
        double period = periods.Find(x, known);
        if (period == 0) into.Clear();
        else for (int t = 0; t < into.Length; t++) into[t] = periods.Profile.At(t);
        return period;
    }

    /// <summary>
    /// A line is a trend when it moves far enough, beats its noise's memory, and explains the blocks better than levels do: each shift costs
    /// a place and a height.
    /// </summary>
    private bool IsTrend(StraightLine line, int steps)
    {
        if (levels.Blocks < 2 * LevelShiftSearch.BlocksMin) return false;
        if (Math.Abs(line.Slope) * (steps - 1) < options.TrendMin || line.Explained < options.TrendExplainedMin) return false;
        StraightLine blockLine = StraightLine.Through(levels.BlockValues, levels.BlockStarts, out double error, out double memory);
        if (Math.Abs(blockLine.Z(levels.Blocks, error, memory)) < options.TrendZMin) return false;
        const double ErrorMin = 1e-6;
        double n = levels.Blocks, ofLine = n * Math.Log(Math.Max(error / n, ErrorMin)), ofLevels = n * Math.Log(Math.Max(levels.Error / n, ErrorMin));
        return ofLine < ofLevels + (((2 * levels.Shifts.Length) - 1) * Math.Log(n));
    }

    private void FillLevels(Span<float> into)
    {
        ReadOnlySpan<LevelShift> found = levels.Shifts;
        int from = 0;
        foreach (LevelShift shift in found)
        {
            into[from..shift.Start].Fill(shift.Before);
            from = shift.Start;
        }
        into[from..].Fill(found.Length > 0 ? found[^1].After : 0);
    }

    private static double Variance(ReadOnlySpan<float> x, ReadOnlySpan<float> known)
    {
        double n = TensorPrimitives.Sum(known), mean = TensorPrimitives.Dot(x, known) / n;
        return Math.Max(0, (TensorPrimitives.Dot(x, x) / n) - (mean * mean));
    }
}
