using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Feedback;

/// <summary>
/// A second prediction of the same VMs, from a topic of its own, that decides nothing: what would be believed of the fleet with it in place of
/// the one that is served, corrected by the same completions, and how well either foretold the speed of calls. Part of the fleet's state.
/// </summary>
public sealed class ShadowPrediction
{
    private readonly VmTable vms;
    private readonly LiveFeedback? feedback;

    public ShadowPrediction(VmTable vms, FleetOptions options)
    {
        this.vms = vms;
        Forecasts = new ForecastTable(options);
        feedback = options.LiveFeedback ? new LiveFeedback(vms, Forecasts) : null;
    }

    public ForecastTable Forecasts { get; }

    /// <summary>How the served prediction does, on the same calls.</summary>
    public PredictionScore Served { get; } = new();

    /// <summary>How the shadow does.</summary>
    public PredictionScore Shadow { get; } = new();

    /// <summary>A prediction was made of a VM; parameters as in <see cref="ForecastTable.Predict"/>. The served one tells of how many cores: before, nothing is believed.</summary>
    public void Predict(int vm, long stepEndMs, uint revision, long stepMs, in PeakForecast peak, ReadOnlySpan<float> logStaysFree)
    {
        if (Forecasts.Predict(vm, stepEndMs, revision, stepMs, ExpectedFree.Share(peak), logStaysFree) && vms.Cores[vm] > 0) feedback?.Predicted(vm, stepEndMs, peak);
    }

    /// <summary>A VM's own utilisation (0..1) was measured.</summary>
    public void Measure(int vm, long timeMs, double utilization)
    {
        Forecasts.Measure(vm, timeMs, utilization);
        feedback?.Measured(vm, timeMs, utilization);
    }

    /// <summary>A call ended well; parameters as in <see cref="LiveFeedback.Completed"/>. Both predictions are scored where both were current.</summary>
    public void Completed(int vm, in CallOutcome outcome, double inFlight, double logMean, double logDeviation, ForecastTable served)
    {
        if (outcome.CpuS > 0 && outcome.WallS > CapacityFilter.ShortestWallS && vms.Cores[vm] > 0
            && served.IsPredicted(vm, outcome.TimeMs) && Forecasts.IsPredicted(vm, outcome.TimeMs))
        {
            double speed = Math.Min(1, outcome.CpuS / outcome.WallS), cores = vms.Cores[vm];
            Served.Add(CapacityFilter.Speed(cores * served.PredictedShare(vm), inFlight), speed);
            Shadow.Add(CapacityFilter.Speed(cores * Forecasts.PredictedShare(vm), inFlight), speed);
        }
        feedback?.Completed(vm, outcome, inFlight, logMean, logDeviation);
    }

    /// <summary>The free share of a VM's cores that would be expected, and what it would be taken from.</summary>
    public float FreeShare(int vm, long nowMs, out SignalRung rung) =>
        feedback is null ? Forecasts.FreeShare(vm, nowMs, out rung) : feedback.FreeShare(vm, nowMs, out rung);
}
