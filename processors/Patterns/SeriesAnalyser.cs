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
    private readonly Quantiles quantiles = new();
    private readonly Decomposition parts;
    private readonly BurstSearch bursts = new();
    private readonly LevelShift[] shifts = new LevelShift[LevelShiftSearch.ShiftsMax];
    private int shiftCount;

    /// <param name="length">Steps of a series at most.</param>
    /// <param name="options">Limits.</param>
    public SeriesAnalyser(int length, PatternOptions options)
    {
        this.options = options;
        (values, known) = (new float[length], new float[length]);
        parts = new Decomposition(length, options);
    }

    /// <summary>Level shifts of the series last analysed, in order of time; valid until the next.</summary>
    public ReadOnlySpan<LevelShift> Shifts => shifts.AsSpan(0, shiftCount);

    /// <summary>Takes a series and tells its kind.</summary>
    /// <param name="cpu">Own CPU utilisation 0..1, oldest step first; what is not finite is missing.</param>
    public SeriesMeasures Analyse(ReadOnlySpan<float> cpu)
    {
        shiftCount = 0;
        int n = 0;
        double sum = 0, squares = 0;
        Span<float> x = values.AsSpan(0, cpu.Length), mask = known.AsSpan(0, cpu.Length);
        for (int t = 0; t < cpu.Length; t++)
        {
            bool there = float.IsFinite(cpu[t]);
            (x[t], mask[t]) = there ? (cpu[t], 1f) : (0f, 0f);
            if (!there) continue;
            n++;
            sum += cpu[t];
            squares += (double)cpu[t] * cpu[t];
        }
        if (n == 0) return default;
        double mean = sum / n, spread = Math.Sqrt(Math.Max(0, (squares / n) - (mean * mean)));
        quantiles.Fill(x, mask);
        SeriesMeasures plain = new(SeriesKind.Unknown, 0, n, (float)mean, (float)spread, quantiles.Max, quantiles.At(.99), 0, 0, 0, 0, 0, 0, 0);
        if (n < options.StepsMin) return plain;
        if (plain.Percentile99 < options.IdleBelow)
            return plain with { Kind = SeriesKind.Idle, Strength = (float)Math.Clamp(1 - (plain.Percentile99 / options.IdleBelow), 0, 1) };
        for (int t = 0; t < x.Length; t++) x[t] -= (float)mean * mask[t];
        return Active(x, mask, plain);
    }

    private SeriesMeasures Active(Span<float> x, ReadOnlySpan<float> mask, SeriesMeasures plain)
    {
        parts.Run(x, mask);
        foreach (LevelShift shift in parts.Shifts) shifts[shiftCount++] = shift with { Before = shift.Before + plain.Mean, After = shift.After + plain.Mean };
        quantiles.Fill(parts.Rest[..x.Length], mask);
        bursts.Find(parts.Rest[..x.Length], mask, quantiles.At(.5), quantiles.At(.16));
        double swept = parts.Line.Slope * (x.Length - 1);
        SeriesMeasures measures = plain with
        {
            Spread = (float)Math.Sqrt(parts.RestVariance),
            PeriodSteps = (float)parts.Period,
            PeriodCorrelation = (float)parts.PeriodCorrelation,
            Amplitude = parts.Amplitude,
            BurstShare = (float)bursts.Share,
            Bursts = bursts.Count,
            SlopePerDay = (float)(parts.Line.Slope * options.StepsPerDay),
            TrendStrength = (float)parts.Line.Explained,
        };
        // Variance of a straight line: its height squared over 12.
        return Decide(measures, parts.Trend ? swept * swept / 12 : 0, parts.SeasonVariance, parts.RestVariance);
    }

    /// <summary>What explains most of the variance gives its name; where nothing does, the size of what is left.</summary>
    private SeriesMeasures Decide(SeriesMeasures m, double trend, double seasonal, double rest)
    {
        double all = Math.Max(1e-12, trend + seasonal + rest);
        if (trend > 0 && trend >= seasonal) return m with { Kind = SeriesKind.Trending, Strength = (float)Math.Clamp(trend / all, 0, 1) };
        if (m.Amplitude >= options.AmplitudeMin && seasonal >= options.SeasonalShareMin * (seasonal + rest))
            return m with { Kind = SeriesKind.Periodic, Strength = (float)Math.Clamp(seasonal / all, 0, 1) };
        if (bursts.Bursty) return m with { Kind = SeriesKind.Bursty, Strength = (float)Math.Clamp(bursts.Explained, 0, 1) };
        double limit = Math.Max(options.SteadySpread, options.SteadySpreadOfMean * m.Mean), spread = Math.Sqrt(rest + seasonal);
        return spread <= limit
            ? m with { Kind = SeriesKind.Steady, Strength = (float)(1 - (spread / limit)) }
            : m with { Kind = SeriesKind.Irregular, Strength = (float)Math.Clamp(1 - (limit / spread), 0, 1) };
    }
}
