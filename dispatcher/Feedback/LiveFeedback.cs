using System.Globalization;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Feedback;

/// <summary>
/// The capacity filters of all VMs: their priors come from the best signal that is current and trusted (<see cref="SignalLadder"/>), and every
/// completion corrects them. Part of the fleet's state, the same in service and simulator.
/// </summary>
public sealed class LiveFeedback(VmTable vms, ForecastTable forecasts)
{
    /// <summary>Without any signal a VM is believed what its completions told for so long: five minutes.</summary>
    private const long AloneMs = 300_000;

    private Entry[] entries = [];

    public SignalLadder Ladder { get; } = new();

    /// <summary>Completions learnt from.</summary>
    public long Learnt { get; private set; }

    /// <summary>A prediction was published.</summary>
    public void Predicted(int vm, long timeMs, in PeakForecast forecast)
    {
        if (!Ladder.Trusts(SignalRung.Prediction)) return;
        ref Entry entry = ref Of(vm);
        entry.Filter!.Reset(timeMs / 1000.0, vms.Cores[vm], forecast);
        (entry.Prior, entry.LearntMs) = (SignalRung.Prediction, long.MinValue);
    }

    /// <summary>A report came in; it is the prior where there is no prediction to go by.</summary>
    public void Measured(int vm, long timeMs, double utilization)
    {
        if (!Ladder.Trusts(SignalRung.LastUtilization)) return;
        if (Ladder.Trusts(SignalRung.Prediction) && forecasts.IsPredicted(vm, timeMs)) return;
        ref Entry entry = ref Of(vm);
        entry.Filter!.Reset(timeMs / 1000.0, vms.Cores[vm], PeakForecast.Of(utilization));
        (entry.Prior, entry.LearntMs) = (SignalRung.LastUtilization, long.MinValue);
    }

    /// <summary>A call ended well on this VM.</summary>
    /// <param name="vm">Row.</param>
    /// <param name="outcome">Its end.</param>
    /// <param name="inFlight">Mean of the calls in flight at its start and at its end, itself included.</param>
    /// <param name="logMean">Mean of the log of its function's service time, for a completion without CPU time.</param>
    /// <param name="logDeviation">Its deviation; NaN: not known yet.</param>
    public void Completed(int vm, in CallOutcome outcome, double inFlight, double logMean, double logDeviation)
    {
        if (!(outcome.WallS > CapacityFilter.ShortestWallS) || !(vms.Cores[vm] > 0)) return;
        ref Entry entry = ref Current(vm, outcome.TimeMs);
        if (outcome.CpuS > 0)
        {
            Score(vm, outcome, inFlight, entry.LearntMs == long.MinValue && entry.Prior > SignalRung.LastUtilization ? double.NaN : entry.Filter!.ExpectedCores());
            entry.Filter!.Learn(outcome.TimeMs / 1000.0, outcome.WallS, outcome.CpuS, inFlight);
        }
        else if (double.IsFinite(logDeviation))
        {
            entry.Filter!.LearnFromWallTime(outcome.TimeMs / 1000.0, outcome.WallS, logMean, logDeviation, inFlight);
        }
        else
        {
            return;
        }
        entry.LearntMs = outcome.TimeMs;
        Learnt++;
    }

    /// <summary>The expected free share of a VM's cores now, and what it was taken from.</summary>
    public float FreeShare(int vm, long nowMs, out SignalRung rung)
    {
        ref Entry entry = ref Current(vm, nowMs);
        rung = entry.Prior;
        if (entry.Prior == SignalRung.Feedback && (nowMs - AloneMs > entry.LearntMs || !Ladder.Trusts(SignalRung.Feedback))) rung = SignalRung.InFlightAndWarm;
        if (rung == SignalRung.InFlightAndWarm) return (float)forecasts.MeanFreeShare;
        if (!Ladder.Trusts(SignalRung.Feedback)) return forecasts.FreeShare(vm, nowMs, Ladder.Trusts(SignalRung.Prediction), out _);
        return vms.Cores[vm] > 0 ? (float)Math.Min(1, entry.Filter!.ExpectedCores() / vms.Cores[vm]) : 0;
    }

    // A filter whose prior has become too old starts anew from the next rung: what it learnt was learnt about other candidates.
    private ref Entry Current(int vm, long nowMs)
    {
        ref Entry entry = ref Of(vm);
        if (entry.Prior == SignalRung.Feedback) return ref entry;
        bool predicted = Ladder.Trusts(SignalRung.Prediction) && forecasts.IsPredicted(vm, nowMs);
        if (entry.Prior == SignalRung.Prediction && predicted) return ref entry;
        SignalRung was = entry.Prior;
        bool measured = Ladder.Trusts(SignalRung.LastUtilization) && forecasts.IsMeasured(vm, nowMs);
        if (measured && was == SignalRung.LastUtilization) return ref entry;
        if (measured)
        {
            entry.Filter!.Reset(nowMs / 1000.0, vms.Cores[vm], PeakForecast.Of(forecasts.Utilization(vm)));
            entry.Prior = SignalRung.LastUtilization;
        }
        else
        {
            entry.Filter!.Reset(nowMs / 1000.0, vms.Cores[vm]);
            entry.Prior = SignalRung.Feedback;
        }
        entry.LearntMs = long.MinValue;
        if (Ladder.Trusts(was)) Ladder.Aged(nowMs, vms.Name[vm], was, entry.Prior, Age(vm, was, nowMs));
        return ref entry;
    }

    private string Age(int vm, SignalRung rung, long nowMs) => rung == SignalRung.Prediction && forecasts.IsDemoted(vm)
        ? "its predictor's model is demoted: simple signals have done better"
        : rung == SignalRung.Prediction
        ? string.Create(CultureInfo.InvariantCulture, $"its newest prediction is {(nowMs - forecasts.MadeMs(vm)) / 1000} s old")
        : string.Create(CultureInfo.InvariantCulture, $"its newest report is {(nowMs - forecasts.MeasuredMs(vm)) / 1000} s old");

    private void Score(int vm, in CallOutcome outcome, double inFlight, double posterior)
    {
        double speed = Math.Min(1, outcome.CpuS / outcome.WallS), cores = vms.Cores[vm];
        Span<double> squared = stackalloc double[4];
        squared[(int)SignalRung.Prediction] = forecasts.IsPredicted(vm, outcome.TimeMs) ? Squared(cores * forecasts.PredictedShare(vm)) : double.NaN;
        squared[(int)SignalRung.LastUtilization] = forecasts.IsMeasured(vm, outcome.TimeMs) ? Squared(cores * (1 - forecasts.Utilization(vm))) : double.NaN;
        squared[(int)SignalRung.Feedback] = double.IsNaN(posterior) ? double.NaN : Squared(posterior);
        squared[(int)SignalRung.InFlightAndWarm] = Squared(cores * forecasts.MeanFreeShare);
        Ladder.Score(outcome.TimeMs, squared, CapacityFilter.WeightOf(outcome.WallS));

        double Squared(double capacity)
        {
            double miss = speed - CapacityFilter.Speed(capacity, inFlight);
            return miss * miss;
        }
    }

    private ref Entry Of(int vm)
    {
        if (vm >= entries.Length) Array.Resize(ref entries, Math.Max(vm + 1, Math.Max(16, entries.Length * 2)));
        ref Entry entry = ref entries[vm];
        if (entry.Filter is not null) return ref entry;
        entry = new Entry { Filter = new CapacityFilter(), Prior = SignalRung.Feedback, LearntMs = long.MinValue };
        entry.Filter.Reset(0, vms.Cores[vm]);
        return ref entry;
    }

    private struct Entry
    {
        public CapacityFilter? Filter;

        /// <summary>Where the prior came from; <see cref="SignalRung.Feedback"/>: from nowhere.</summary>
        public SignalRung Prior;

        /// <summary>Newest completion learnt since the prior was set; <see cref="long.MinValue"/>: none.</summary>
        public long LearntMs;
    }
}
