using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Koordinator's load-aware scheduling: of the VMs with at most 65 % of the CPU and 95 % of the memory in use and a report younger than 180 s, the
/// one with most left of its cores, taking the p95 of a decaying histogram and a tenth more as what the VM itself uses. When none passes, the least
/// loaded. Calls in flight use a core each. To compare against.
/// </summary>
public sealed class LoadAwarePolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "koordinator";

    private const double MostCpu = .65, MostMemory = .95, PeakLevel = .95, PeakMargin = 1.1;

    private const long MostAgeMs = 180_000;

    public string Name => PolicyName;

    /// <summary>What is left of a VM's cores, per cent.</summary>
    public static double Score(double peak, int inFlight, double cores) => Math.Max(0, 100 * (cores - (cores * Math.Min(1, PeakMargin * peak)) - inFlight) / cores);

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        BestOf best = new(call, vms);
        foreach (int vm in vms.Live)
        {
            if (!vms.Fits(vm, call.MemoryBytes) || fleet.ClockMs - MostAgeMs > fleet.History.NewestMs(vm)) continue;
            double cores = vms.Cores[vm];
            if (fleet.History.Last(vm) + (vms.InFlight[vm] / cores) > MostCpu) continue;
            if (vms.CommittedBytes[vm] + call.MemoryBytes > MostMemory * vms.MemoryBytes[vm]) continue;
            best.Offer(vm, Score(fleet.History.Quantile(vm, PeakLevel), vms.InFlight[vm], cores));
        }
        SingleOffer.Make(call, fleet, options, best.Vm >= 0 ? best.Vm : LeastLoaded.Among(vms.Live, call, vms), choice);
    }
}
