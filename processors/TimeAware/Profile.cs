using Pipeline.Processors.Patterns;

namespace Pipeline.Processors.TimeAware;

/// <summary>
/// What share of something is usual at each slot of the week, learnt online. Each slot keeps a decayed weight, mean and sum of squares (forward
/// decay: G. Cormode et al., "Forward decay: a practical time decay model for streaming systems", ICDE 2009; updates after D. West, 1979);
/// a slot that has seen little is drawn to its like: the same time of working days or of weekends, of all days, all times. Quantiles come
/// of one decayed histogram of standardised deviations. State: 12 bytes for each slot of the week and 200 more.
/// </summary>
public sealed class Profile(SlotClock clock, ProfileOptions options)
{
    /// <summary>The histogram covers 6 standard deviations on both sides.</summary>
    private const int HistogramBins = 49;

    private const double HistogramReach = 6, DeviationMin = .002;

    /// <summary>Weights are brought down before they leave the range in which sums of them are exact enough.</summary>
    private const double ExponentMax = 30;

    private readonly float[] weight = new float[clock.SlotsPerWeek];
    private readonly float[] mean = new float[clock.SlotsPerWeek];
    private readonly float[] squares = new float[clock.SlotsPerWeek];
    private readonly float[] histogram = new float[HistogramBins];
    private readonly double halfLife = options.HalfLifeDays * clock.SlotsPerDay;
    private Moments all;
    private long origin = long.MinValue;
    private long newest = long.MinValue;

    /// <summary>Whether anything was observed.</summary>
    public bool IsKnown => all.Weight > 0;

    /// <summary>Takes a slot's mean, 0..1; a later slot each time.</summary>
    public void Observe(long slot, double share)
    {
        if (origin == long.MinValue) origin = slot;
        if ((slot - origin) / halfLife > ExponentMax) Rebase(slot);
        newest = slot;
        int bin = clock.OfWeek(slot);
        float w = (float)Math.Pow(2, (slot - origin) / halfLife);
        if (IsKnown)
        {
            ProfileValue usual = At(slot);
            double z = (share - usual.Mean) / usual.Deviation;
            int place = (int)Math.Clamp(Math.Round((z / HistogramReach * (HistogramBins / 2)) + (HistogramBins / 2)), 0, HistogramBins - 1);
            histogram[place] += w;
        }
        Moments own = Bin(bin);
        own.Add(w, share);
        (weight[bin], mean[bin], squares[bin]) = ((float)own.Weight, (float)own.Mean, (float)own.Squares);
        all.Add(w, share);
    }

    /// <summary>What is usual in a slot; only where <see cref="IsKnown"/>.</summary>
    public ProfileValue At(long slot) => OfWeek(clock.OfWeek(slot));

    /// <summary>What is usual in a slot of the week.</summary>
    public ProfileValue OfWeek(int bin)
    {
        double scale = newest == long.MinValue ? 1 : Math.Pow(2, -(newest - origin) / halfLife);
        int perDay = clock.SlotsPerDay, day = bin / perDay, time = bin % perDay;
        Moments hour = default, kind = default;
        for (int d = 0; d < 7; d++)
        {
            Moments m = Bin((d * perDay) + time);
            hour.Merge(m);
            if (d >= 5 == day >= 5) kind.Merge(m);
        }
        Moments own = Bin(bin);
        double level = all.Mean, variance = all.Weight > 0 ? all.Squares / all.Weight : 0;
        Draw(hour, options.WeightOfAll, scale, ref level, ref variance);
        Draw(kind, options.WeightOfHour, scale, ref level, ref variance);
        Draw(own, options.WeightOfKind, scale, ref level, ref variance);
        double effective = own.Weight * scale, like = Math.Max(1, kind.Weight * scale), deviation = Math.Max(DeviationMin, Math.Sqrt(variance));
        return new ProfileValue(level, deviation, effective, 1.96 * deviation / Math.Sqrt(like));
    }

    /// <summary>Share that is not exceeded with a probability of <paramref name="level"/> in a slot, 0..1.</summary>
    public double Quantile(long slot, double level)
    {
        ProfileValue usual = At(slot);
        return Math.Clamp(usual.Mean + (usual.Deviation * StandardQuantile(level)), 0, 1);
    }

    /// <summary>Quantile of the standardised deviations, those of the normal distribution where little is known.</summary>
    public double StandardQuantile(double level)
    {
        double total = 0;
        foreach (float h in histogram) total += h;
        // As much as 20 observations of now weigh beside the histogram, of the normal distribution.
        double prior = 20 * Math.Pow(2, newest == long.MinValue ? 0 : (newest - origin) / halfLife), target = level * (total + prior), sum = 0;
        for (int i = 0; i < HistogramBins; i++)
        {
            double half = HistogramReach / (HistogramBins / 2) / 2, centre = (i - (HistogramBins / 2)) * 2 * half;
            double bin = histogram[i] + (prior * (NormalBelow(centre + half) - NormalBelow(centre - half)));
            if (sum + bin >= target) return centre - half + (2 * half * (bin > 0 ? (target - sum) / bin : .5));
            sum += bin;
        }
        return HistogramReach;
    }

    /// <summary>Begins as the weighted mean of others, as if they moved together; only for a profile that has seen nothing.</summary>
    internal void Inherit(IReadOnlyList<(Profile Profile, double Weight)> others)
    {
        (Profile Profile, double Weight)[] known = [.. others.Where(o => o.Profile.IsKnown && o.Weight > 0)];
        if (IsKnown || known.Length == 0) return;
        origin = newest = known.Max(o => o.Profile.newest);
        for (int bin = 0; bin < weight.Length; bin++)
        {
            double total = 0, samples = 0, level = 0, spread = 0;
            foreach ((Profile other, double w) in known)
            {
                Moments m = other.Bin(bin);
                if (m.Weight <= 0) continue;
                total += w;
                samples += w * m.Weight * Math.Pow(2, (other.origin - origin) / halfLife);
                level += w * m.Mean;
                spread += w * Math.Sqrt(m.Squares / m.Weight);
            }
            if (total == 0) continue;
            double own = samples / total;
            (weight[bin], mean[bin], squares[bin]) = ((float)own, (float)(level / total), (float)(own * (spread / total) * (spread / total)));
            all.Merge(Bin(bin));
        }
    }

    private static double NormalBelow(double z) => z > 0 ? 1 - (Probability.TwoSidedNormal(z) / 2) : Probability.TwoSidedNormal(z) / 2;

    private static void Draw(in Moments own, double weightOfPrior, double scale, ref double level, ref double variance)
    {
        double n = own.Weight * scale, share = n / (n + weightOfPrior);
        if (own.Weight <= 0) return;
        double mean = level + (share * (own.Mean - level));
        variance = ((1 - share) * variance) + (share * own.Squares / own.Weight);
        level = mean;
    }

    private Moments Bin(int bin) => new() { Weight = weight[bin], Mean = mean[bin], Squares = squares[bin] };

    private void Rebase(long slot)
    {
        float down = (float)Math.Pow(2, -(slot - origin) / halfLife);
        for (int i = 0; i < weight.Length; i++) (weight[i], squares[i]) = (weight[i] * down, squares[i] * down);
        for (int i = 0; i < histogram.Length; i++) histogram[i] *= down;
        all = all with { Weight = all.Weight * down, Squares = all.Squares * down };
        origin = slot;
    }

    /// <summary>Weight, mean, and weighted sum of squared distances from it.</summary>
    private record struct Moments
    {
        public double Weight;
        public double Mean;
        public double Squares;

        public void Add(double w, double value)
        {
            double before = Mean;
            Weight += w;
            Mean += (value - before) * w / Weight;
            // Never below zero but for rounding, when all that was before has faded.
            Squares += Math.Max(0, w * (value - before) * (value - Mean));
        }

        public void Merge(in Moments other)
        {
            if (other.Weight <= 0) return;
            double total = Weight + other.Weight, apart = other.Mean - Mean;
            Squares += other.Squares + (apart * apart * Weight * other.Weight / total);
            Mean += apart * other.Weight / total;
            Weight = total;
        }
    }
}

/// <summary>What is usual in a slot.</summary>
/// <param name="Mean">Expected share.</param>
/// <param name="Deviation">Standard deviation of slots around it.</param>
/// <param name="Samples">Effective number of observations of this slot of the week.</param>
/// <param name="Uncertainty">Half width of the 95 % interval of the mean.</param>
public readonly record struct ProfileValue(double Mean, double Deviation, double Samples, double Uncertainty);
