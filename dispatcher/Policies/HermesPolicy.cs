using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// Hermes (Kaffes, Yadwadkar, Kozyrakis, SoCC 2022): of the VMs with a core that no call uses the one with most calls, so that others stay
/// empty; of equally loaded ones a warm one. When no core is free, the least loaded. To compare against.
/// </summary>
public sealed class HermesPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "hermes";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        VmTable vms = fleet.Vms;
        int best = -1;
        (int InFlight, bool Warm, ulong Tie) bestKey = default;
        foreach (int vm in vms.Live)
        {
            if (vms.InFlight[vm] + 1 > vms.Cores[vm] || !vms.Fits(vm, call.MemoryBytes)) continue;
            if (best >= 0 && vms.InFlight[vm] < bestKey.InFlight) continue;
            (int InFlight, bool Warm, ulong Tie) key = (vms.InFlight[vm], fleet.IsWarm(vm, call.Function), SplitMix.Mix(call.Hash ^ vms.NameHash[vm]));
            if (best < 0 || key.CompareTo(bestKey) > 0) (best, bestKey) = (vm, key);
        }
        SingleOffer.Make(call, fleet, options, best >= 0 ? best : LeastLoaded.Among(vms.Live, call, vms), choice);
    }
}
