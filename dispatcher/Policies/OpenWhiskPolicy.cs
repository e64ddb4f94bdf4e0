using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// The sharding of Apache OpenWhisk (ShardingContainerPoolBalancer): from the home VM of tenant and function on, in steps coprime to the number
/// of VMs, the first with the memory. To compare against. OpenWhisk forces a call on a random VM after a full round; here a VM is never filled
/// beyond its memory, so the call is rejected then.
/// </summary>
public sealed class OpenWhiskPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "openwhisk";

    private readonly List<int> steps = [];
    private int stepsFor;

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        ReadOnlySpan<int> live = fleet.Vms.Live;
        int found = -1;
        if (!live.IsEmpty)
        {
            FindSteps(live.Length);
            ulong hash = NameHash.Of(call.Tenant) ^ NameHash.Of(fleet.Functions.Name[call.Function]);
            int at = (int)(hash % (ulong)live.Length), step = steps[(int)(hash % (ulong)steps.Count)];
            for (int i = 0; i < live.Length && found < 0; i++, at = (at + step) % live.Length)
                if (fleet.Vms.Fits(live[at], call.MemoryBytes)) found = live[at];
        }
        SingleOffer.Make(call, fleet, options, found, choice);
    }

    private void FindSteps(int count)
    {
        if (stepsFor == count) return;
        stepsFor = count;
        steps.Clear();
        for (int step = 1; step <= count; step++)
            if (System.Numerics.BigInteger.GreatestCommonDivisor(step, count).IsOne) steps.Add(step);
    }
}
