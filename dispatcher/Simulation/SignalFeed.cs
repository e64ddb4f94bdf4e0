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

    /// <summary>The slot that begins: what no predictor can know.</summary>
    public const string Oracle = "oracle";

    /// <summary>What the longest-looking signal needs of the time before the run.</summary>
    public const int HistoryMs = 3_600_000;

    private static readonly float[] NeverBusy = new float[BusyHazard.Horizons];

    public static readonly IReadOnlyList<string> Names = [None, Last, MeanHour, Oracle];

    /// <summary>Tells the fleet (rows as the scenario's VMs) what the signal says when a slot begins.</summary>
    public static void Tell(string signal, Scenario scenario, int slot, FleetState fleet)
    {
        long nowMs = (long)(slot * scenario.SlotS * 1000);
        for (int vm = 0; vm < scenario.Vms.Count; vm++)
        {
            if (signal == Last) fleet.Forecasts.Measure(vm, nowMs, scenario.OwnLoadAt(slot - 1, vm));
            else if (signal == MeanHour) fleet.Forecasts.Measure(vm, nowMs, Mean(scenario, slot, vm));
            else if (signal == Oracle) fleet.Forecasts.Predict(vm, nowMs, 0, (long)(scenario.SlotS * 1000), 1 - scenario.OwnLoadAt(slot, vm), NeverBusy);
        }
    }

    private static double Mean(Scenario scenario, int slot, int vm)
    {
        double sum = 0;
        for (int s = 1; s <= scenario.FirstSlot; s++) sum += scenario.OwnLoadAt(slot - s, vm);
        return sum / scenario.FirstSlot;
    }
}
