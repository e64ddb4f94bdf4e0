namespace Pipeline.Processors.TimeAware;

/// <summary>
/// What a predictor's word about the next slot is worth beside our own forecast: of the distance between them as much is taken as has usually
/// come, and a constant, by decayed least squares; and only while that was nearer to what came than our own forecast alone.
/// </summary>
internal sealed class ShortTerm
{
    /// <summary>Decay of what is learnt, per slot, and how much the first guess (nothing) weighs.</summary>
    private const double Forget = .995, GuessWeight = .05, Least = 1e-5;

    /// <summary>Slots that have to be learnt from first.</summary>
    private const int SlotsMin = 12;

    private FadeLine line;
    private (double Own, double Said) open = (double.NaN, double.NaN);
    private double own;
    private double mixed;
    private int seen;

    /// <summary>Whether the predictor is listened to.</summary>
    public bool Counts => seen >= SlotsMin && mixed < own;

    /// <summary>A slot is over: learns from what was said of it.</summary>
    public void Learn(double came)
    {
        double distance = open.Said - open.Own;
        if (!double.IsNaN(distance) && !double.IsNaN(came))
        {
            double error = came - open.Own, rest = error - Left(distance);
            (own, mixed) = ((own * Forget) + (error * error), (mixed * Forget) + (rest * rest));
            line.Learn(distance, 1, error, Forget);
            seen++;
        }
        open = (double.NaN, double.NaN);
    }

    /// <summary>The forecast of the next slot.</summary>
    /// <param name="forecast">Our own.</param>
    /// <param name="said">The predictor's; NaN: it said nothing.</param>
    public double Mix(double forecast, double said)
    {
        open = (forecast, said);
        return double.IsNaN(said) || !Counts ? forecast : Math.Clamp(forecast + Left(said - forecast), 0, 1);
    }

    private double Left(double distance) => line.At(distance, 1, (0, 0), GuessWeight, Least);
}
