using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// N-sigma overcommitment (Bashir et al., "Take it to the limit", EuroSys 2021): a VM's own peak is taken as mean and five deviations of its last
/// hour; of the VMs whose calls, this one counted in, fit beside that peak the least loaded, and when none does, the least loaded of all. To compare against.
/// </summary>
public sealed class NSigmaPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "n-sigma";

    private const double Sigmas = 5;

    public string Name => PolicyName;

    /// <summary>Do so many calls, each using so many cores, fit beside the peak?</summary>
    public static bool Fits(int calls, double coresPerCall, double mean, double deviation, double cores) =>
        (calls * coresPerCall) + (cores * Math.Min(1, mean + (Sigmas * deviation))) <= cores;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        double service = fleet.Functions.ServiceS[call.Function], perCall = service > 0 ? Math.Min(1, fleet.Functions.CpuS[call.Function] / service) : 1;
        BestOf best = new(call, vms);
        foreach (int vm in vms.Live)
        {
            (double mean, double deviation, _) = fleet.History.Hour(vm);
            if (vms.Fits(vm, call.MemoryBytes) && Fits(vms.InFlight[vm] + 1, perCall, mean, deviation, vms.Cores[vm])) best.Offer(vm, -vms.InFlight[vm]);
        }
        SingleOffer.Make(call, fleet, options, best.Vm >= 0 ? best.Vm : LeastLoaded.Among(vms.Live, call, vms), choice);
    }
}
