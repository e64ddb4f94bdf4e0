using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>The VM with the memory and the fewest calls in flight, ties at random.</summary>
internal static class LeastLoaded
{
    /// <summary>Among these VMs; -1: none has the memory.</summary>
    public static int Among(ReadOnlySpan<int> candidates, in CallRequest call, VmTable vms)
    {
        int best = -1, fewest = int.MaxValue;
        ulong bestTie = 0;
        foreach (int vm in candidates)
        {
            if (vms.InFlight[vm] > fewest || !vms.Fits(vm, call.MemoryBytes)) continue;
            ulong tie = SplitMix.Mix(call.Hash ^ vms.NameHash[vm]);
            if (vms.InFlight[vm] == fewest && tie >= bestTie) continue;
            (best, fewest, bestTie) = (vm, vms.InFlight[vm], tie);
        }
        return best;
    }
}
