using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Target load packing of Trimaran (Kubernetes scheduler plugins): fills VMs up to a target of 40 % and spreads beyond it. Published utilisation is
/// the VM's own load, so all calls in flight count as not yet reported, one core each. To compare against.
/// </summary>
public sealed class LoadPackingPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "trimaran-packing";

    private const double TargetPercent = 40;

    public string Name => PolicyName;

    /// <summary>Score of a VM with so much utilisation (per cent of its capacity), the call counted in; the highest wins.</summary>
    public static double Score(double percent) => percent switch
    {
        <= TargetPercent => ((100 - TargetPercent) * percent / TargetPercent) + TargetPercent,
        <= 100 => TargetPercent * (100 - percent) / (100 - TargetPercent),
        _ => 0,
    };

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        BestOf best = new(call, vms);
        foreach (int vm in vms.Live)
        {
            if (!vms.Fits(vm, call.MemoryBytes)) continue;
            double own = 1 - fleet.FreeShare(vm, out _);
            best.Offer(vm, Score(100 * (own + ((1 + vms.InFlight[vm]) / vms.Cores[vm]))));
        }
        SingleOffer.Make(call, fleet, options, best.Vm, choice);
    }
}
