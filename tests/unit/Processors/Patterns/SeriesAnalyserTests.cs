using Pipeline.Processors.Patterns;

namespace Pipeline.Tests.Unit.Processors.Patterns;

public sealed class SeriesAnalyserTests
{
    private static readonly SeriesKind[] Kinds = [SeriesKind.Idle, SeriesKind.Steady, SeriesKind.Periodic, SeriesKind.Bursty, SeriesKind.Trending, SeriesKind.Irregular];

    [Theory]
    [InlineData(864)]
    [InlineData(2016)]
    public void Kinds_and_periods_of_planted_series_are_found(int length)
    {
        Random random = new(20_260 + length);
        SeriesAnalyser analyser = new(length, new PatternOptions());
        int right = 0, all = 0, periods = 0, rightPeriods = 0;
        foreach (SeriesKind kind in Kinds)
            for (int i = 0; i < 100; i++, all++)
            {
                PlantedSeries planted = PlantedSeries.Make(kind, length, random);
                SeriesMeasures measures = analyser.Analyse(planted.Cpu);
                if (measures.Kind == kind) right++;
                if (kind != SeriesKind.Periodic) continue;
                periods++;
                if (Math.Abs(measures.PeriodSteps - planted.Period) <= .05 * planted.Period) rightPeriods++;
            }
        Assert.True(right >= .95 * all, $"{right} of {all} kinds");
        Assert.True(rightPeriods >= .95 * periods, $"{rightPeriods} of {periods} periods");
    }

    [Theory]
    [InlineData(864, false)]
    [InlineData(2016, false)]
    [InlineData(2016, true)]
    public void Level_shifts_are_found_where_they_are(int length, bool periodic)
    {
        Random random = new(7 + length);
        SeriesAnalyser analyser = new(length, new PatternOptions());
        int found = 0, right = 0, planted = 0;
        for (int i = 0; i < 200; i++)
        {
            PlantedSeries series = PlantedSeries.Shifted(length, periodic, random);
            analyser.Analyse(series.Cpu);
            List<int> left = [.. series.Shifts];
            planted += left.Count;
            foreach (LevelShift shift in analyser.Shifts)
            {
                found++;
                int at = left.FindIndex(s => Math.Abs(s - shift.Start) <= 6);
                if (at < 0) continue;
                right++;
                left.RemoveAt(at);
            }
        }
        Assert.True(right >= .95 * found, $"{found - right} of {found} shifts are false");
        Assert.True(right >= .95 * planted, $"{right} of {planted} shifts found");
    }

    /// <summary>Memory of a step with the next: .97 forgets within three hours, .99 within eight.</summary>
    [Theory]
    [InlineData(864, 0)]
    [InlineData(864, .7)]
    [InlineData(864, .9)]
    [InlineData(864, .97)]
    [InlineData(2016, .9)]
    [InlineData(2016, .97)]
    [InlineData(2016, .99)]
    public void Noise_that_remembers_has_neither_shifts_nor_periods_nor_a_trend(int length, double memory)
    {
        Random random = new(99);
        SeriesAnalyser analyser = new(length, new PatternOptions());
        int shifted = 0, periodic = 0, other = 0;
        const int Series = 200;
        for (int i = 0; i < Series; i++)
        {
            SeriesMeasures measures = analyser.Analyse([.. PlantedSeries.Noise(length, .5, .1, memory, random).Select(v => (float)v)]);
            if (analyser.Shifts.Length > 0) shifted++;
            if (measures.PeriodSteps > 0) periodic++;
            if (measures.Kind is SeriesKind.Trending or SeriesKind.Bursty) other++;
        }
        Assert.True(Math.Max(shifted, Math.Max(periodic, other)) < .05 * Series, $"shifts {shifted}, periods {periodic}, trends and bursts {other} of {Series}");
    }

    [Fact]
    public void What_is_missing_or_constant_or_short_has_no_pattern()
    {
        SeriesAnalyser analyser = new(2016, new PatternOptions());
        for (int length = 0; length <= 40; length++)
        {
            Assert.Equal(SeriesKind.Unknown, analyser.Analyse(Enumerable.Repeat(float.NaN, length).ToArray()).Kind);
            SeriesMeasures constant = analyser.Analyse(Enumerable.Repeat(.5f, length).ToArray());
            Assert.Equal(length < 36 ? SeriesKind.Unknown : SeriesKind.Steady, constant.Kind);
            Assert.Equal(0, constant.PeriodSteps);
            Assert.True(analyser.Shifts.IsEmpty);
        }
        Assert.Equal(SeriesKind.Idle, analyser.Analyse(new float[864]).Kind);
        Assert.Equal(SeriesKind.Unknown, analyser.Analyse([.. Enumerable.Range(0, 2016).Select(t => t < 30 ? .5f : float.NaN)]).Kind);
    }

    [Fact]
    public void A_step_up_in_a_constant_series_is_one_shift_at_its_place()
    {
        SeriesAnalyser analyser = new(864, new PatternOptions());
        SeriesMeasures measures = analyser.Analyse([.. Enumerable.Range(0, 864).Select(t => t < 500 ? .2f : .6f)]);

        Assert.Equal(SeriesKind.Steady, measures.Kind);
        LevelShift shift = Assert.Single(analyser.Shifts.ToArray());
        Assert.Equal(500, shift.Start);
        Assert.Equal(.2, shift.Before, .01);
        Assert.Equal(.4, shift.Magnitude, .01);
    }

    [Fact]
    public void Nothing_is_NaN_whatever_the_values()
    {
        Random random = new(3);
        SeriesAnalyser analyser = new(400, new PatternOptions());
        float[] odd = [float.NaN, float.PositiveInfinity, 0, 1, 1e-30f, 5, -.1f];
        for (int i = 0; i < 300; i++)
        {
            float[] series = [.. Enumerable.Range(0, random.Next(401)).Select(_ => random.Next(3) == 0 ? odd[random.Next(odd.Length)] : random.NextSingle())];
            SeriesMeasures m = analyser.Analyse(series);
            float[] all = [m.Strength, m.Mean, m.Spread, m.Peak, m.Percentile99, m.PeriodSteps, m.PeriodCorrelation, m.Amplitude, m.BurstShare, m.SlopePerDay, m.TrendStrength];
            Assert.All(all, v => Assert.True(float.IsFinite(v), m.ToString()));
            Assert.InRange(m.Strength, 0, 1);
            foreach (LevelShift shift in analyser.Shifts) Assert.True(float.IsFinite(shift.Before + shift.After + shift.Z + shift.Strength), shift.ToString());
        }
    }

    [Fact]
    public void The_length_of_a_step_changes_the_slope_per_day_and_nothing_else()
    {
        SeriesAnalyser minutes = new(864, new PatternOptions()), hours = new(864, new PatternOptions { StepMs = 3_600_000 });
        foreach (SeriesKind kind in Kinds)
        {
            float[] series = PlantedSeries.Make(kind, 864, new Random(8)).Cpu;
            SeriesMeasures measures = minutes.Analyse(series), scaled = hours.Analyse(series);
            Assert.Equal(measures.SlopePerDay / 12, scaled.SlopePerDay, 1e-6);
            Assert.Equal(measures, scaled with { SlopePerDay = measures.SlopePerDay });
        }
    }

    [Fact]
    public void What_was_analysed_before_does_not_matter()
    {
        Random random = new(5);
        SeriesAnalyser used = new(864, new PatternOptions());
        foreach (SeriesKind kind in Kinds)
        {
            float[] series = PlantedSeries.Make(kind, 864 - random.Next(100), random).Cpu;
            SeriesMeasures after = used.Analyse(series);
            Assert.Equal(new SeriesAnalyser(864, new PatternOptions()).Analyse(series), after);
        }
    }

    [Fact]
    public void A_series_costs_no_allocation()
    {
        SeriesAnalyser analyser = new(864, new PatternOptions());
        float[][] series = [.. Kinds.Select(k => PlantedSeries.Make(k, 864, new Random(1)).Cpu)];
        foreach (float[] s in series) analyser.Analyse(s);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (float[] s in series) analyser.Analyse(s);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
