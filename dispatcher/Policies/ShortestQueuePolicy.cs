using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>Join the shortest queue: the live VM with the memory and the fewest calls in flight, ties at random. To compare against.</summary>
public sealed class ShortestQueuePolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "jsq";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        int best = -1, fewest = int.MaxValue;
        ulong bestTie = 0;
        foreach (int vm in vms.Live)
        {
            if (vms.InFlight[vm] > fewest || !vms.Fits(vm, call.MemoryBytes)) continue;
            ulong tie = SplitMix.Mix(call.Hash ^ vms.NameHash[vm]);
            if (vms.InFlight[vm] == fewest && tie >= bestTie) continue;
            (best, fewest, bestTie) = (vm, vms.InFlight[vm], tie);
        }
        if (best < 0) choice.RejectNothingOffered(fleet);
        else choice.Offer(new CostModel(fleet, call, options.Lambda).Estimate(best, fleet.IsWarm(best, call.Function)));
    }
}
