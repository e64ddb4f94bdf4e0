namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Point forecasts of one share: what its profile says, and of the current deviation from that as much as is usually left after so many
/// slots. How much is left is learnt: decayed least squares for each horizon, drawn to an exponential fade. State: a profile and 16 bytes
/// for each of 24 hours' slots.
/// </summary>
public sealed class Forecaster
{
    public const int HoursMax = 24;

    private readonly ProfileOptions options;
    private readonly int slotsPerHour;
    private readonly double keep;
    private readonly double forget;
    private readonly double[] cross;
    private readonly double[] square;
    private readonly double[] past;
    private double deviation;
    private double deviationWeight;
    private double variance;
    private long newest = long.MinValue;

    public Forecaster(SlotClock clock, ProfileOptions options)
    {
        this.options = options;
        Profile = new Profile(clock, options);
        slotsPerHour = clock.SlotsPerHour;
        Horizon = HoursMax * slotsPerHour;
        keep = Math.Exp(-1 / (options.DeviationHours * slotsPerHour));
        forget = Math.Pow(2, -1 / (options.HalfLifeDays * clock.SlotsPerDay));
        (cross, square, past) = (new double[Horizon], new double[Horizon], new double[Horizon]);
        past.AsSpan().Fill(double.NaN);
    }

    public Profile Profile { get; }

    /// <summary>Slots that are forecast.</summary>
    public int Horizon { get; }

    /// <summary>How far the share is from its profile, as a mean over the last hours.</summary>
    public double Deviation => deviationWeight > 0 ? deviation / deviationWeight : 0;

    /// <summary>Takes a slot's mean share; later slots each time, those without a value may be left out.</summary>
    /// <returns>How far it is from what the profile said before, in its standard deviations; NaN: there was no profile.</returns>
    public double Observe(long slot, double share)
    {
        double distance = double.NaN;
        if (Profile.IsKnown)
        {
            Skip(slot);
            ProfileValue usual = Profile.At(slot);
            double residual = share - usual.Mean;
            distance = residual / usual.Deviation;
            Learn(slot, residual);
            deviation = (deviation * keep) + residual;
            deviationWeight = (deviationWeight * keep) + 1;
            variance += (1 - forget) * ((Deviation * Deviation) - variance);
            past[Place(slot)] = Deviation;
        }
        newest = slot;
        Profile.Observe(slot, share);
        return distance;
    }

    /// <summary>Share expected so many slots after the newest observed one, 0..1; NaN: nothing is known.</summary>
    /// <param name="now">The last slot that has ended.</param>
    /// <param name="ahead">1 up to <see cref="Horizon"/>.</param>
    public double Forecast(long now, int ahead)
    {
        if (!Profile.IsKnown) return double.NaN;
        int from = (int)Math.Clamp(now + ahead - newest, 1, Horizon);
        return Math.Clamp(Profile.At(now + ahead).Mean + (Left(from) * Deviation), 0, 1);
    }

    /// <summary>How much of a deviation is left after so many slots.</summary>
    public double Left(int ahead)
    {
        double guess = Math.Exp(-ahead / (options.FadeHours * slotsPerHour)), weight = Math.Max(1e-12, variance * options.FadeWeightDays * HoursMax * slotsPerHour);
        return Math.Clamp((cross[ahead - 1] + (weight * guess)) / (square[ahead - 1] + weight), 0, 1);
    }

    private void Learn(long slot, double residual)
    {
        for (int ahead = 1; ahead <= Horizon; ahead++)
        {
            double then = past[Place(slot - ahead)];
            if (double.IsNaN(then)) continue;
            cross[ahead - 1] = (cross[ahead - 1] * forget) + (then * residual);
            square[ahead - 1] = (square[ahead - 1] * forget) + (then * then);
        }
    }

    /// <summary>Slots without a value have no deviation to learn from.</summary>
    private void Skip(long slot)
    {
        long gone = Math.Min(slot - newest, Horizon);
        for (long s = slot - gone + 1; s < slot; s++) past[Place(s)] = double.NaN;
        double fade = Math.Pow(keep, slot - newest - 1);
        (deviation, deviationWeight) = (deviation * fade, deviationWeight * fade);
    }

    private int Place(long slot) => (int)(((slot % Horizon) + Horizon) % Horizon);
}
