namespace Pipeline.Dispatcher.Fleet;

/// <summary>What was last predicted and last measured of each VM, in arrays by the rows of <see cref="VmTable"/>.</summary>
public sealed class ForecastTable(FleetOptions options)
{
    /// <summary>Free shares are summed up as whole millionths: a sum of those does not depend on their order.</summary>
    private const double Millionths = 1e6;

    private readonly long utilizationAgeMs = (long)options.UtilizationAge.TotalMilliseconds;
    private int size;
    private long[] madeMs = [];
    private uint[] revision = [];
    private long[] usableMs = [];
    private float[] freeShare = [];
    private float[] logFree = [];
    private float[] utilization = [];
    private long[] measuredMs = [];
    private long shareSum;
    private long shareCount;

    /// <summary>Mean expected free share over all VMs ever predicted; 1 before the first.</summary>
    public double MeanFreeShare => shareCount == 0 ? 1 : shareSum / (Millionths * shareCount);

    /// <summary>Step end of the newest prediction of a VM, Unix milliseconds; <see cref="long.MinValue"/>: none.</summary>
    public long MadeMs(int vm) => vm < size ? madeMs[vm] : long.MinValue;

    /// <summary>Its revision.</summary>
    public uint Revision(int vm) => vm < size ? revision[vm] : 0;

    /// <summary>Takes a prediction made of this VM; false when a newer one is known.</summary>
    /// <param name="vm">Row of the VM.</param>
    /// <param name="stepEndMs">As of when it was made.</param>
    /// <param name="revisionNumber">Of the same step, the higher one counts.</param>
    /// <param name="stepMs">Length of a step, from which it is told when the prediction is too old.</param>
    /// <param name="share">Expected free share over the next five minutes, 0..1.</param>
    /// <param name="logStaysFree">Log probability of not getting busy within each of <see cref="BusyHazard.HorizonsS"/>.</param>
    public bool Predict(int vm, long stepEndMs, uint revisionNumber, long stepMs, double share, ReadOnlySpan<float> logStaysFree)
    {
        Ensure(vm);
        if ((stepEndMs, revisionNumber).CompareTo((madeMs[vm], revision[vm])) < 0) return false;
        if (madeMs[vm] == long.MinValue) shareCount++;
        else shareSum -= (long)(freeShare[vm] * Millionths);
        madeMs[vm] = stepEndMs;
        revision[vm] = revisionNumber;
        usableMs[vm] = stepEndMs + (options.PredictionSteps * stepMs);
        freeShare[vm] = (float)share;
        shareSum += (long)(freeShare[vm] * Millionths);
        logStaysFree.CopyTo(logFree.AsSpan(vm * BusyHazard.Horizons, BusyHazard.Horizons));
        return true;
    }

    /// <summary>The predictor says that its model does worse than simple signals: what it predicted of this VM is used no more, until it predicts again.</summary>
    public void Demote(int vm)
    {
        Ensure(vm);
        usableMs[vm] = long.MinValue;
        logFree.AsSpan(vm * BusyHazard.Horizons, BusyHazard.Horizons).Clear();
    }

    /// <summary>Whether the newest word of the predictor on this VM was that it is not to be believed.</summary>
    public bool IsDemoted(int vm) => vm < size && madeMs[vm] != long.MinValue && usableMs[vm] == long.MinValue;

    /// <summary>Takes an own utilisation (0..1) measured at this time.</summary>
    public void Measure(int vm, long timeMs, double value)
    {
        Ensure(vm);
        if (timeMs < measuredMs[vm]) return;
        measuredMs[vm] = timeMs;
        utilization[vm] = (float)value;
    }

    /// <summary>Is there a prediction that is not too old?</summary>
    public bool IsPredicted(int vm, long nowMs) => vm < size && nowMs <= usableMs[vm];

    /// <summary>Is there an own utilisation that is not too old?</summary>
    public bool IsMeasured(int vm, long nowMs) => vm < size && measuredMs[vm] != long.MinValue && nowMs - measuredMs[vm] <= utilizationAgeMs;

    /// <summary>The free share last predicted, whatever its age.</summary>
    public float PredictedShare(int vm) => freeShare[vm];

    /// <summary>The own utilisation last measured, whatever its age.</summary>
    public float Utilization(int vm) => utilization[vm];

    /// <summary>When it was measured; <see cref="long.MinValue"/>: never.</summary>
    public long MeasuredMs(int vm) => vm < size ? measuredMs[vm] : long.MinValue;

    /// <summary>The expected free share of a VM's cores now, and what it was taken from.</summary>
    public float FreeShare(int vm, long nowMs, out SignalRung rung) => FreeShare(vm, nowMs, true, out rung);

    /// <summary>As <see cref="FreeShare(int, long, out SignalRung)"/>, predictions passed over if they are not trusted.</summary>
    public float FreeShare(int vm, long nowMs, bool trustsPredictions, out SignalRung rung)
    {
        rung = SignalRung.Prediction;
        if (trustsPredictions && IsPredicted(vm, nowMs)) return freeShare[vm];
        rung = SignalRung.LastUtilization;
        if (IsMeasured(vm, nowMs)) return Math.Clamp(1 - utilization[vm], 0, 1);
        rung = SignalRung.InFlightAndWarm;
        return (float)MeanFreeShare;
    }

    /// <summary>Probability that the VM gets busy within so many seconds, by its newest prediction whatever its age.</summary>
    public double BusyWithin(int vm, double seconds)
    {
        if (vm >= size) return 0;
        ReadOnlySpan<float> row = logFree.AsSpan(vm * BusyHazard.Horizons, BusyHazard.Horizons);
        return row[^1] == 0 ? 0 : 1 - Math.Exp(BusyHazard.LogFreeFor(seconds, BusyHazard.HorizonsS, row));
    }

    private void Ensure(int vm)
    {
        if (vm < size) return;
        int old = size;
        size = Math.Max(vm + 1, Math.Max(16, size * 2));
        Array.Resize(ref madeMs, size);
        Array.Resize(ref revision, size);
        Array.Resize(ref usableMs, size);
        Array.Resize(ref freeShare, size);
        Array.Resize(ref logFree, size * BusyHazard.Horizons);
        Array.Resize(ref utilization, size);
        Array.Resize(ref measuredMs, size);
        madeMs.AsSpan(old).Fill(long.MinValue);
        usableMs.AsSpan(old).Fill(long.MinValue);
        measuredMs.AsSpan(old).Fill(long.MinValue);
    }
}
