using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Hiku, pull-based scheduling (Akbari and Hauswirth, 2025): the least loaded of the VMs that completed a call of the function and still keep
/// its container idle; without one, least connections. The idle containers in the fleet's state are the entries of Hiku's heap: put there by a
/// completion, taken by a call, gone when reclaimed. To compare against.
/// </summary>
public sealed class HikuPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "hiku";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        int vm = LeastLoadedWarm(call, fleet);
        SingleOffer.Make(call, fleet, options, vm >= 0 ? vm : LeastLoaded.Among(fleet.Vms.Live, call, fleet.Vms), choice);
    }

    private static int LeastLoadedWarm(in CallRequest call, FleetState fleet)
    {
        if (call.Function == FunctionTable.Others) return -1;
        VmTable vms = fleet.Vms;
        int best = -1;
        ulong bestTie = 0;
        for (int container = fleet.Containers.First(call.Function, fleet.ClockMs); container >= 0; container = fleet.Containers.Next(container))
        {
            int vm = fleet.Containers.VmOf(container);
            if (!vms.IsLive(vm) || !vms.Fits(vm, call.MemoryBytes)) continue;
            ulong tie = SplitMix.Mix(call.Hash ^ vms.NameHash[vm]);
            if (best >= 0 && (vms.InFlight[best], bestTie).CompareTo((vms.InFlight[vm], tie)) <= 0) continue;
            (best, bestTie) = (vm, tie);
        }
        return best;
    }
}
