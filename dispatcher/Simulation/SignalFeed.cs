using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>
/// Tells a dispatcher what its signal says of the VMs' own load: reports at their interval, what is made of steps at every step, both after
/// their delay; the oracle at once. What is stale is told as if it were new: the rules by which the service passes over old reports apply only to
/// VMs that fall silent.
/// </summary>
public sealed class SignalFeed
{
    /// <summary>What the longest-looking signal needs of the time before the run.</summary>
    public const int HistoryMs = 3_600_000;

    private static readonly float[] NeverBusy = new float[BusyHazard.Horizons];

    private readonly Scenario scenario;
    private readonly Signal signal;
    private readonly NetworkForecasts? forecasts;
    private readonly double intervalS;
    private readonly double delayS;
    private readonly double staleS;
    private int step;
    private int report;

    public SignalFeed(Scenario scenario, Signal signal, SimulationOptions options, NetworkForecasts? forecasts)
    {
        this.scenario = scenario;
        this.signal = signal;
        this.forecasts = forecasts;
        intervalS = options.ReportIntervalS > 0 ? options.ReportIntervalS : scenario.SlotS;
        staleS = Math.Ceiling(options.StaleMinutes * 60 / scenario.SlotS) * scenario.SlotS;
        delayS = signal.Source == Signal.Oracle ? 0 : options.ReportDelayS;
        // What was told before the run is told at its start.
        report = -(int)Math.Ceiling(delayS / intervalS);
        step = -(int)Math.Ceiling(delayS / scenario.SlotS);
    }

    /// <summary>When something is told next, seconds after the start; infinite: never.</summary>
    public double NextS => signal.Source == Signal.None ? double.PositiveInfinity : Math.Max(0, Math.Min(TellsReports ? ReportS : double.PositiveInfinity, TellsSteps ? StepS : double.PositiveInfinity));

    // The service has the last report beside the prediction, and may step down to it.
    private bool TellsReports => signal.Source == Signal.Last || (signal.IsNetwork && signal.Feedback);

    private bool TellsSteps => signal.Source is not (Signal.None or Signal.Last);

    private double ReportS => (report * intervalS) + delayS;

    private double StepS => (step * scenario.SlotS) + delayS;

    /// <summary>Tells the fleets (rows as the scenario's VMs) what is due at <see cref="NextS"/>.</summary>
    public void Tell(IReadOnlyList<FleetState> fleets)
    {
        double nowS = NextS;
        if (TellsReports && ReportS <= nowS) TellReports(report++ * intervalS, fleets);
        if (TellsSteps && StepS <= nowS) TellStep(step++, fleets);
    }

    private void TellReports(double timeS, IReadOnlyList<FleetState> fleets)
    {
        for (int vm = 0; vm < scenario.Vms.Count; vm++)
        {
            if (!scenario.Reports.Arrives(vm, timeS)) continue;
            double value = intervalS == scenario.SlotS
                ? scenario.OwnLoadAt((int)Math.Round((timeS - staleS) / scenario.SlotS) - 1, vm)
                : scenario.MeanLoad(timeS - staleS - intervalS, timeS - staleS, vm);
            foreach (FleetState fleet in fleets) fleet.Measure(vm, (long)(timeS * 1000), value);
        }
    }

    private void TellStep(int slot, IReadOnlyList<FleetState> fleets)
    {
        double timeS = slot * scenario.SlotS;
        for (int vm = 0; vm < scenario.Vms.Count; vm++)
        {
            if (signal.IsNetwork)
            {
                TellForecast(vm, slot, fleets);
            }
            else if (signal.Source == Signal.Oracle)
            {
                foreach (FleetState fleet in fleets) TellTruth(fleet, vm, slot);
            }
            else if (scenario.Reports.Arrives(vm, timeS))
            {
                (double mean, double deviation) = LastHour(slot, (int)(staleS / scenario.SlotS), vm);
                double value = signal.Source == Signal.MeanHour ? mean : Math.Min(1, mean + deviation);
                foreach (FleetState fleet in fleets) fleet.Measure(vm, (long)(timeS * 1000), value);
            }
        }
    }

    private void TellForecast(int vm, int slot, IReadOnlyList<FleetState> fleets)
    {
        if (forecasts is null) throw new InvalidOperationException($"signal {signal.Name} needs forecasts");
        int at = (Math.Clamp(slot, 0, scenario.SlotCount - 1) * scenario.Vms.Count) + vm;
        ReadOnlySpan<float> logFree = forecasts.LogFree.AsSpan(at * BusyHazard.Horizons, BusyHazard.Horizons);
        foreach (FleetState fleet in fleets) fleet.Predict(vm, (long)(slot * scenario.SlotS * 1000), 0, (long)(scenario.SlotS * 1000), forecasts.Peaks[at], logFree);
    }

    private void TellTruth(FleetState fleet, int vm, int slot)
    {
        double used = scenario.OwnLoadAt(slot, vm);
        long nowMs = (long)(slot * scenario.SlotS * 1000);
        // Exactly this, and not the atoms around it.
        fleet.Forecasts.Predict(vm, nowMs, 0, (long)(scenario.SlotS * 1000), 1 - used, NeverBusy);
        fleet.Feedback?.Predicted(vm, nowMs, PeakForecast.Of(used));
    }

    private (double Mean, double Deviation) LastHour(int slot, int staleSlots, int vm)
    {
        double sum = 0, squares = 0;
        int n = Math.Max(1, (int)(HistoryMs / 1000 / scenario.SlotS));
        for (int s = 1; s <= n; s++)
        {
            double value = scenario.OwnLoadAt(slot - staleSlots - s, vm);
            sum += value;
            squares += value * value;
        }
        return (sum / n, Math.Sqrt(Math.Max(0, (squares / n) - (sum / n * (sum / n)))));
    }
}
