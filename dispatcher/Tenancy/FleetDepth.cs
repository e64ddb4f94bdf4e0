using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>How many calls may be in flight at once on the whole fleet before others wait.</summary>
internal sealed class FleetDepth(FleetState fleet)
{
    /// <summary>Free shares move in minutes.</summary>
    private const long EveryMs = 1000;

    private long nextMs = long.MinValue;
    private double cores;

    public double Calls
    {
        get
        {
            double callsPerCore = fleet.Tenants.CallsPerCore;
            if (double.IsPositiveInfinity(callsPerCore)) return callsPerCore;
            if (fleet.ClockMs >= nextMs) Measure();
            // A fleet that nothing is known of yet answers with a reason of its own.
            return cores == 0 ? double.PositiveInfinity : Math.Max(1, callsPerCore * cores);
        }
    }

    private void Measure()
    {
        nextMs = fleet.ClockMs + EveryMs;
        cores = 0;
        foreach (int vm in fleet.Vms.Live) cores += Capacity.Cores(fleet.Vms.Cores[vm], fleet.FreeShare(vm, out _));
    }
}
