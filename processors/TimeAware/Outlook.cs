namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Forecasts of one share over the next day with calibrated intervals: a <see cref="Forecaster"/>, and for each horizon what its errors
/// were, both of the slots' means and of the highest step within a slot. The next slot's forecast listens to a predictor where there is one.
/// </summary>
public sealed class Outlook
{
    private readonly Forecaster forecaster;
    private readonly ErrorWindow[] means;
    private readonly ErrorWindow[] peaks;
    private readonly double[,] made;
    private readonly int horizon;
    private readonly ShortTerm shortTerm = new();
    private double next = double.NaN;

    public Outlook(SlotClock clock, ProfileOptions options)
    {
        forecaster = new Forecaster(clock, options);
        horizon = forecaster.Horizon;
        means = [.. Enumerable.Range(0, horizon).Select(_ => new ErrorWindow())];
        peaks = [.. Enumerable.Range(0, horizon).Select(_ => new ErrorWindow())];
        made = new double[horizon, horizon];
        for (int i = 0; i < horizon; i++)
            for (int j = 0; j < horizon; j++) made[i, j] = double.NaN;
    }

    public Profile Profile => forecaster.Profile;

    public Forecaster Forecaster => forecaster;

    /// <summary>The last slot that has ended; <see cref="long.MinValue"/>: none.</summary>
    public long Now { get; private set; } = long.MinValue;

    /// <summary>Slots that are forecast.</summary>
    public int Horizon => horizon;

    /// <summary>Whether a predictor's word about the next slot is mixed in.</summary>
    public bool ListensToPredictor => shortTerm.Counts;

    /// <summary>A slot has ended.</summary>
    /// <param name="slot">One more than the last, or later.</param>
    /// <param name="mean">Mean share over it; NaN: not known.</param>
    /// <param name="peak">Highest share of a step in it.</param>
    /// <param name="said">What a predictor says of the next slot, share; NaN: nothing. It need not mean the mean: what it is worth is learnt.</param>
    /// <returns>Distance from the profile in standard deviations; NaN: not known.</returns>
    public double Observe(long slot, double mean, double peak, double said = double.NaN)
    {
        double distance = double.NaN;
        for (int ahead = 1; ahead <= horizon && !double.IsNaN(mean); ahead++)
        {
            // What was made too long ago has been overwritten, or belongs to slots that were left out.
            double forecast = slot - ahead <= Now ? made[Place(slot - ahead), ahead - 1] : double.NaN;
            if (double.IsNaN(forecast)) continue;
            means[ahead - 1].Add(mean - forecast);
            peaks[ahead - 1].Add(peak - forecast);
        }
        if (!double.IsNaN(mean)) distance = forecaster.Observe(slot, mean);
        for (long s = Math.Max(Now + 1, slot - horizon); s < slot; s++) Forget(s);
        shortTerm.Learn(slot == Now + 1 ? mean : double.NaN);
        Now = slot;
        next = shortTerm.Mix(forecaster.Forecast(slot, 1), said);
        for (int ahead = 1; ahead <= horizon; ahead++) made[Place(slot), ahead - 1] = Expected(ahead);
        return distance;
    }

    /// <summary>The forecast for so many slots after <see cref="Now"/>, 1 up to <see cref="Horizon"/>.</summary>
    public SlotForecast At(int ahead)
    {
        double share = Expected(ahead);
        ErrorWindow errors = means[ahead - 1];
        if (double.IsNaN(share) || !errors.IsKnown) return new SlotForecast(share, double.NaN, double.NaN, double.NaN, double.NaN);
        ((double low80, double high80), (double low95, double high95)) = (errors.Interval(0), errors.Interval(1));
        return new SlotForecast(share, Cut(share + low80), Cut(share + high80), Cut(share + low95), Cut(share + high95));
    }

    /// <summary>Share that no step of the slot exceeds with this probability; NaN: not known.</summary>
    public double PeakAt(int ahead, double probability) =>
        peaks[ahead - 1].IsKnown ? Cut(Expected(ahead) + peaks[ahead - 1].Quantile(probability)) : double.NaN;

    /// <summary>Probability that a step of the slot is above this share, and by how much on average, zeros counted. Nothing is above 1: who has no more uses no more.</summary>
    public (double Probability, double Excess) Above(int ahead, double share)
    {
        ErrorWindow errors = peaks[ahead - 1];
        if (!errors.IsKnown) return (double.NaN, double.NaN);
        double error = share - Expected(ahead);
        return share >= 1 ? (0, 0) : (errors.ShareAbove(error), errors.MeanExcess(error) - errors.MeanExcess(1 - Expected(ahead)));
    }

    private double Expected(int ahead) => ahead == 1 ? next : forecaster.Forecast(Now, ahead);

    private static double Cut(double share) => Math.Clamp(share, 0, 1);

    private void Forget(long slot)
    {
        for (int j = 0; j < horizon; j++) made[Place(slot), j] = double.NaN;
    }

    private int Place(long slot) => (int)(((slot % horizon) + horizon) % horizon);
}

/// <summary>Share expected in a slot, with intervals of 80 and 95 %; NaN: not known yet.</summary>
public readonly record struct SlotForecast(double Share, double Low80, double High80, double Low95, double High95);
