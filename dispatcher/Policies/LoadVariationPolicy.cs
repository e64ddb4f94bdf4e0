using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Load variation risk balancing of Trimaran (Kubernetes scheduler plugins): prefers VMs whose load is low and steady, by CPU and by memory. Published
/// utilisation is the VM's own load; calls in flight and the call itself are requests of one core each. To compare against.
/// </summary>
public sealed class LoadVariationPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "trimaran-risk";

    public string Name => PolicyName;

    /// <summary>100 (1 - (mu + sigma) / 2), mu the share of the capacity in use, the request counted in, and sigma that of the deviation; margin and sensitivity are 1.</summary>
    public static double Score(double used, double deviation, double requested, double capacity) =>
        capacity <= 0 ? 0 : 100 * (1 - ((Math.Clamp((used + requested) / capacity, 0, 1) + Math.Clamp(deviation / capacity, 0, 1)) / 2));

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        BestOf best = new(call, vms);
        foreach (int vm in vms.Live)
        {
            if (!vms.Fits(vm, call.MemoryBytes)) continue;
            double cores = vms.Cores[vm];
            (double mean, double deviation, _) = fleet.History.Hour(vm);
            double cpu = Score((cores * mean) + vms.InFlight[vm], cores * deviation, 1, cores), memory = Score(vms.CommittedBytes[vm], 0, call.MemoryBytes, vms.MemoryBytes[vm]);
            best.Offer(vm, Math.Min(cpu, memory));
        }
        SingleOffer.Make(call, fleet, options, best.Vm, choice);
    }
}
