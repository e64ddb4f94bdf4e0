using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>
/// How many calls may be in flight at once on the whole fleet before others wait, and how many of them are kept from tenants beyond their share: who brings
/// much more than usual may fill what others leave, but not what they will need in a moment (trunk reservation: Key, "Optimal control and trunk
/// reservation in loss networks", 1990).
/// </summary>
internal sealed class FleetDepth(FleetState fleet)
{
    /// <summary>Calls in flight for each core expected free up to which nobody is slowed down by others.</summary>
    private const double UnreservedPerCore = 1;

    /// <summary>
    /// A tenant is beyond its share when it used twice that and a tenth of the fleet in the last minute: calls come in bursts by nature, and small tenants
    /// that are held back for theirs wait longer than they make others wait.
    /// </summary>
    private const double ShareFactor = 2, ShareSlack = .1;

    /// <summary>Free shares move in minutes, who calls in seconds.</summary>
    private const long EveryMs = 1000;

    private long nextMs = long.MinValue;
    private double cores;
    private double weights;

    /// <summary>Calls in flight at most.</summary>
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

    /// <summary>Calls in flight beyond which only tenants within their share get a turn.</summary>
    public double Unreserved => double.IsPositiveInfinity(Calls) ? Calls : Math.Min(Calls, Math.Max(1, UnreservedPerCore * cores));

    public bool IsWithinShare(TenantAccount tenant)
    {
        double share = tenant.Quota.Weight / Math.Max(weights, tenant.Quota.Weight);
        return tenant.RecentWorkS(fleet.ClockMs) < ((ShareFactor * share) + ShareSlack) * cores * TenantAccount.RecentS;
    }

    private void Measure()
    {
        nextMs = fleet.ClockMs + EveryMs;
        cores = weights = 0;
        foreach (int vm in fleet.Vms.Live) cores += Capacity.Cores(fleet.Vms.Cores[vm], fleet.FreeShare(vm, out _));
        foreach (TenantAccount tenant in fleet.Tenants.Accounts)
            if (tenant.IsActive(fleet.ClockMs)) weights += tenant.Quota.Weight;
    }
}
