namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Point forecasts of one share: what its profile says, and of the current deviation from that as much as is usually left after so many
/// slots. How much is left is learnt: decayed least squares for each horizon, drawn to an exponential fade. State: a profile and 56 bytes
/// for each of 24 hours' slots.
/// </summary>
public sealed class Forecaster
{
    public const int HoursMax = 24;

    private readonly ProfileOptions options;
    private readonly int slotsPerHour;
    private readonly double keep;
    private readonly double forget;
    private readonly FadeLine[] lines;
    private readonly (double Last, double Mean)[] past;
    private double last;
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
        (lines, past) = (new FadeLine[Horizon], new (double, double)[Horizon]);
        past.AsSpan().Fill((double.NaN, double.NaN));
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
            last = residual;
            variance += (1 - forget) * ((residual * residual) - variance);
            past[Place(slot)] = (last, Deviation);
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
        return Math.Clamp(Profile.At(now + ahead).Mean + Left(from), 0, 1);
    }

    /// <summary>What is left of the current deviation after so many slots.</summary>
    public double Left(int ahead) => Left(ahead, last, Deviation);

    private double Left(int ahead, double newest, double mean)
    {
        double hours = ahead / (double)slotsPerHour, weight = Math.Max(1e-9, variance * options.FadeWeightDays * HoursMax * slotsPerHour);
        return lines[ahead - 1].At(newest, mean, (options.FadeOfLast * Math.Exp(-hours / options.FadeHours), (1 - options.FadeOfLast) * Math.Exp(-hours / options.FadeHours)), 0, weight);
    }

    private void Learn(long slot, double residual)
    {
        for (int ahead = 1; ahead <= Horizon; ahead++)
        {
            // The place of the oldest slot is this one's own: what was written there a day ago is read before it is overwritten.
            (double then, double mean) = past[Place(slot - ahead)];
            if (!double.IsNaN(then)) lines[ahead - 1].Learn(then, mean, residual, forget);
        }
    }

    /// <summary>Slots without a value have no deviation to learn from.</summary>
    private void Skip(long slot)
    {
        // A profile may be inherited: known before anything was observed here.
        if (newest == long.MinValue) return;
        long gone = Math.Min(slot - newest, Horizon);
        for (long s = slot - gone + 1; s < slot; s++) past[Place(s)] = (double.NaN, double.NaN);
        double fade = Math.Pow(keep, slot - newest - 1);
        (deviation, deviationWeight) = (deviation * fade, deviationWeight * fade);
    }

    private int Place(long slot) => (int)(((slot % Horizon) + Horizon) % Horizon);
}
