namespace Pipeline.Processors.TimeAware;

/// <summary>
/// Forecasts of one share over the next hour, anew after each step: the profile, and of the distance from it as much of the last step's and of the
/// last hours' as is usually left, learnt by decayed least squares for each horizon. Intervals are quantiles of past errors over what errors
/// were like lately, so that they open when it gets restless (locally weighted conformal prediction: J. Lei et al., "Distribution-free predictive
/// inference for regression", JASA 2018). State: two numbers for each of the newest 1,000 errors of each horizon.
/// </summary>
public sealed class StepOutlook
{
    /// <summary>Steps that are forecast: an hour of 5-minute steps.</summary>
    public const int StepsMax = 12;

    private const int Capacity = 1008;

    /// <summary>Decay of the mean distance, of the errors' short and long scale, and of what is learnt, per step.</summary>
    private const double KeepMean = .96, KeepShort = .85, KeepLong = .998, Forget = .9995;

    /// <summary>How much the first guess weighs beside what is learnt.</summary>
    private const double GuessWeight = .02;

    /// <summary>Least scale of errors, share.</summary>
    private const double ScaleMin = .003;

    private readonly Forecaster slots;
    private readonly FadeLine[] lines = new FadeLine[StepsMax];
    private readonly ErrorWindow[] errors = [.. Enumerable.Range(1, StepsMax).Select(_ => new ErrorWindow(steered: false, Capacity))];
    private readonly double[] shorts = new double[StepsMax];
    private readonly double[] longs = new double[StepsMax];
    private readonly (double Last, double Mean, double Usual)[] past = new (double, double, double)[StepsMax];
    private readonly double[,] scales = new double[StepsMax, StepsMax];
    private long now = long.MinValue;
    private double mean;
    private double weight;

    internal StepOutlook(Forecaster slots)
    {
        this.slots = slots;
        past.AsSpan().Fill((double.NaN, double.NaN, double.NaN));
    }

    /// <summary>Takes a step's share.</summary>
    /// <param name="step">One more than the last, or later.</param>
    /// <param name="slot">The slot that it is in.</param>
    /// <param name="share">Share in use; NaN: not known.</param>
    internal void Observe(long step, long slot, double share)
    {
        for (long s = Math.Max(now + 1, step - StepsMax); s <= step; s++) past[Place(s)] = (double.NaN, double.NaN, double.NaN);
        now = step;
        if (double.IsNaN(share) || !slots.Profile.IsKnown) return;
        double usual = slots.Profile.At(slot).Mean, residual = share - usual;
        for (int k = 0; k < StepsMax; k++)
        {
            (double last, double average, _) = past[Place(step - k - 1)];
            // The place of the step before the oldest is this step's own, which is empty by now.
            if (k + 1 == StepsMax || double.IsNaN(last)) continue;
            double error = residual - Left(k, last, average);
            errors[k].Add(error / scales[k, Place(step - k - 1)]);
            shorts[k] = (KeepShort * shorts[k]) + ((1 - KeepShort) * Math.Abs(error));
            longs[k] = longs[k] == 0 ? Math.Abs(error) : (KeepLong * longs[k]) + ((1 - KeepLong) * Math.Abs(error));
            lines[k].Learn(last, average, residual, Forget);
        }
        (mean, weight) = ((mean * KeepMean) + residual, (weight * KeepMean) + 1);
        past[Place(step)] = (residual, mean / weight, usual);
        for (int k = 0; k < StepsMax; k++) scales[k, Place(step)] = Scale(k);
    }

    /// <summary>Share in use so many steps after the newest, 0..1; NaN: not known.</summary>
    /// <param name="ahead">1 up to <see cref="StepsMax"/> - 1.</param>
    /// <param name="slot">The slot that the step is in.</param>
    public double At(int ahead, long slot)
    {
        (double last, double average, _) = now == long.MinValue ? (double.NaN, 0, 0) : past[Place(now)];
        return double.IsNaN(last) ? double.NaN : Math.Clamp(slots.Profile.At(slot).Mean + Left(ahead - 1, last, average), 0, 1);
    }

    /// <summary>Share that is not exceeded with this probability; NaN: not known.</summary>
    public double Quantile(int ahead, long slot, double probability) =>
        errors[ahead - 1].IsKnown ? Math.Clamp(At(ahead, slot) + (errors[ahead - 1].Quantile(probability) * Scale(ahead - 1)), 0, 1) : double.NaN;

    private double Left(int k, double last, double average) => lines[k].At(last, average, (Math.Exp(-(k + 1) / 24.0), 0), GuessWeight, 1e-6);

    private double Scale(int k) => Math.Max(ScaleMin, (.5 * shorts[k]) + (.5 * longs[k]));

    private static int Place(long step) => (int)(((step % StepsMax) + StepsMax) % StepsMax);
}
