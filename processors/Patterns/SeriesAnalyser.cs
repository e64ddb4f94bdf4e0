namespace Pipeline.Processors.Patterns;

/// <summary>
/// Kind, period and level shifts of one series: a function of its values alone. Allocates nothing per series. One analyser is not for two
/// threads at once.
/// </summary>
public sealed class SeriesAnalyser
{
    private readonly PatternOptions options;
    private readonly float[] values;
    private readonly float[] known;
    private readonly float[] season;
    private readonly float[] sorted;
    private readonly PeriodSearch periods;
    private readonly LevelShiftSearch levels;
    private readonly BurstSearch bursts;

    /// <param name="length">Steps of a series at most.</param>
    /// <param name="options">Limits.</param>
    public SeriesAnalyser(int length, PatternOptions options)
    {
        this.options = options;
        (values, known, season, sorted) = (new float[length], new float[length], new float[length], new float[length]);
        periods = new PeriodSearch(Math.Max(length, 16));
        levels = new LevelShiftSearch(length);
        bursts = new BurstSearch();
    }

    /// <summary>Level shifts of the series last analysed, in order of time; valid until the next.</summary>
    public ReadOnlySpan<LevelShift> Shifts => shifted ? levels.Shifts : [];

    private bool shifted;

    /// <summary>Takes a series and tells its kind.</summary>
    /// <param name="cpu">Own CPU utilisation 0..1, oldest step first; NaN: missing.</param>
    public SeriesMeasures Analyse(ReadOnlySpan<float> cpu)
    {
        shifted = false;
        int n = 0;
        double sum = 0, squares = 0;
        foreach (float v in cpu)
        {
            if (!float.IsFinite(v)) continue;
            sorted[n++] = v;
            sum += v;
            squares += (double)v * v;
        }
        if (n == 0) return default;
        double mean = sum / n, deviation = Math.Sqrt(Math.Max(0, (squares / n) - (mean * mean)));
        Span<float> ordered = sorted.AsSpan(0, n);
        ordered.Sort();
        SeriesMeasures plain = new(SeriesKind.Unknown, 0, n, (float)mean, (float)deviation, ordered[^1], ordered[Rank(n, .99)], 0, 0, 0, 0, 0, 0, 0);
        if (n < options.StepsMin) return plain;
        if (plain.Percentile99 < options.IdleBelow)
            return plain with { Kind = SeriesKind.Idle, Strength = (float)Math.Clamp(1 - (plain.Percentile99 / options.IdleBelow), 0, 1) };
        return Active(cpu, mean, plain);
    }

    private static int Rank(int n, double share) => Math.Min(n - 1, (int)(share * n));

    private SeriesMeasures Active(ReadOnlySpan<float> cpu, double mean, SeriesMeasures plain)
    {
        Span<float> x = values.AsSpan(0, cpu.Length), mask = known.AsSpan(0, cpu.Length), cycle = season.AsSpan(0, cpu.Length);
        for (int t = 0; t < x.Length; t++)
        {
            bool there = float.IsFinite(cpu[t]);
            (x[t], mask[t]) = there ? (cpu[t] - (float)mean, 1f) : (0f, 0f);
        }
        double period = FindPeriod(x, mask, cycle);
        for (int t = 0; t < x.Length; t++) x[t] -= cycle[t] * mask[t];

        StraightLine line = StraightLine.Through(x, mask);
        shifted = true;
        levels.Find(x, mask);
        bool trend = IsTrend(line, x);
        if (trend)
        {
            line.Remove(x, mask);
            levels.Find(x, mask);
        }
        RemoveLevels(x, mask);
        double rest = Variance(x, mask, plain.Known), seasonal = Variance(cycle, mask, plain.Known);
        bursts.Find(x, mask, sorted);
        double slope = line.Slope * options.StepsPerDay, swept = line.Slope * (cpu.Length - 1);
        SeriesMeasures measures = plain with
        {
            Spread = (float)Math.Sqrt(rest),
            PeriodSteps = (float)period,
            PeriodCorrelation = period > 0 ? (float)periods.Profile.Correlation : 0,
            Amplitude = period > 0 ? periods.Profile.Amplitude() : 0,
            BurstShare = (float)bursts.Share,
            Bursts = bursts.Count,
            SlopePerDay = (float)slope,
            TrendStrength = (float)line.Explained,
        };
        return Decide(measures, trend ? swept * swept / 12 : 0, seasonal, rest);
    }

    private double FindPeriod(Span<float> x, ReadOnlySpan<float> mask, Span<float> cycle)
    {
        // A line's spectrum would cover everything slow.
        StraightLine line = StraightLine.Through(x, mask);
        line.Remove(x, mask);
        double period = periods.Find(x, mask);
        line.Add(x, mask);
        if (period == 0) cycle.Clear();
        else for (int t = 0; t < cycle.Length; t++) cycle[t] = periods.Profile.At(t);
        return period;
    }

    /// <summary>
    /// A line is a trend when it moves far enough, beats its noise's memory, and explains the blocks better than levels do, which Schwarz's
    /// criterion (1978) compares: each shift costs a place and a height.
    /// </summary>
    private bool IsTrend(StraightLine line, ReadOnlySpan<float> x)
    {
        if (levels.Blocks < 2 * LevelShiftSearch.BlocksMin) return false;
        if (Math.Abs(line.Slope) * (x.Length - 1) < options.TrendMin || line.Explained < options.TrendExplainedMin) return false;
        StraightLine blockLine = StraightLine.Through(levels.BlockValues, levels.BlockStarts, out double error, out double memory);
        if (Math.Abs(blockLine.Z(levels.Blocks, error, memory)) < options.TrendZMin) return false;
        const double ErrorMin = 1e-6;
        double n = levels.Blocks, ofLine = n * Math.Log(Math.Max(error / n, ErrorMin)), ofLevels = n * Math.Log(Math.Max(levels.Error / n, ErrorMin));
        return ofLine < ofLevels + (((2 * levels.Shifts.Length) - 1) * Math.Log(n));
    }

    private void RemoveLevels(Span<float> x, ReadOnlySpan<float> mask)
    {
        ReadOnlySpan<LevelShift> shifts = levels.Shifts;
        if (shifts.Length == 0) return;
        int next = 0;
        float level = shifts[0].Before;
        for (int t = 0; t < x.Length; t++)
        {
            if (next < shifts.Length && t == shifts[next].Start) level = shifts[next++].After;
            x[t] -= level * mask[t];
        }
    }

    private static double Variance(ReadOnlySpan<float> x, ReadOnlySpan<float> mask, int n)
    {
        double sum = 0, squares = 0;
        for (int t = 0; t < x.Length; t++)
        {
            double v = x[t] * mask[t];
            sum += v;
            squares += v * v;
        }
        return Math.Max(0, (squares / n) - (sum / n * (sum / n)));
    }

    /// <summary>What explains most of the variance gives its name; where nothing does, the size of what is left.</summary>
    private SeriesMeasures Decide(SeriesMeasures m, double trend, double seasonal, double rest)
    {
        double all = Math.Max(1e-12, trend + seasonal + rest);
        if (trend > 0 && trend >= seasonal) return m with { Kind = SeriesKind.Trending, Strength = (float)Math.Clamp(trend / all, 0, 1) };
        bool moves = m.Amplitude >= options.AmplitudeMin;
        if (moves && seasonal >= options.SeasonalShareMin * (seasonal + rest))
            return m with { Kind = SeriesKind.Periodic, Strength = (float)Math.Clamp(seasonal / all, 0, 1) };
        if (bursts.Bursty) return m with { Kind = SeriesKind.Bursty, Strength = (float)Math.Clamp(bursts.Explained, 0, 1) };
        double limit = Math.Max(options.SteadySpread, options.SteadySpreadOfMean * m.Mean), spread = Math.Sqrt(rest + seasonal);
        return spread <= limit
            ? m with { Kind = SeriesKind.Steady, Strength = (float)(1 - (spread / limit)) }
            : m with { Kind = SeriesKind.Irregular, Strength = (float)Math.Clamp(1 - (limit / spread), 0, 1) };
    }
}
