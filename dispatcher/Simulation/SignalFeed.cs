using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>What the dispatcher is told of the VMs' own load at every slot's start.</summary>
public static class SignalFeed
{
    /// <summary>Nothing.</summary>
    public const string None = "none";

    /// <summary>The mean over the slot that has just ended: what a fresh report says.</summary>
    public const string Last = "last";

    /// <summary>The mean over the last hour.</summary>
    public const string MeanHour = "mean-1h";

    /// <summary>The mean over the last hour and one standard deviation.</summary>
    public const string MeanPlusDeviation = "mean-plus-sd";

    /// <summary>The slot that begins: what no predictor can know.</summary>
    public const string Oracle = "oracle";

    /// <summary>What the longest-looking signal needs of the time before the run.</summary>
    public const int HistoryMs = 3_600_000;

    private static readonly float[] NeverBusy = new float[BusyHazard.Horizons];

    public static readonly IReadOnlyList<string> Names = [None, Last, MeanHour, MeanPlusDeviation, Oracle];

    /// <summary>
    /// Tells the fleet (rows as the scenario's VMs) what the signal says when a slot begins. What is stale is told as if it were new: the rules
    /// by which the service passes over old reports are not applied.
    /// </summary>
    public static void Tell(string signal, Scenario scenario, int slot, int staleSlots, FleetState fleet)
    {
        long nowMs = (long)(slot * scenario.SlotS * 1000);
        for (int vm = 0; vm < scenario.Vms.Count; vm++)
        {
            if (signal == Last) fleet.Forecasts.Measure(vm, nowMs, scenario.OwnLoadAt(slot - 1 - staleSlots, vm));
            else if (signal == MeanHour) fleet.Forecasts.Measure(vm, nowMs, LastHour(scenario, slot, staleSlots, vm).Mean);
            else if (signal == MeanPlusDeviation) fleet.Forecasts.Measure(vm, nowMs, PlusDeviation(LastHour(scenario, slot, staleSlots, vm)));
            else if (signal == Oracle) fleet.Forecasts.Predict(vm, nowMs, 0, (long)(scenario.SlotS * 1000), 1 - scenario.OwnLoadAt(slot, vm), NeverBusy);
        }
    }

    private static double PlusDeviation((double Mean, double Deviation) hour) => Math.Min(1, hour.Mean + hour.Deviation);

    // The history before the run is one hour, and as much more as reports are stale.
    private static (double Mean, double Deviation) LastHour(Scenario scenario, int slot, int staleSlots, int vm)
    {
        double sum = 0, squares = 0;
        int n = Math.Max(1, scenario.FirstSlot - staleSlots);
        for (int s = 1; s <= n; s++)
        {
            double value = scenario.OwnLoadAt(slot - staleSlots - s, vm);
            sum += value;
            squares += value * value;
        }
        return (sum / n, Math.Sqrt(Math.Max(0, (squares / n) - (sum / n * (sum / n)))));
    }
}
