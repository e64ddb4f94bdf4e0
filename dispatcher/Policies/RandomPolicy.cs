using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Dispatcher.Policies;

/// <summary>Any live VM with the memory, all alike. To compare against.</summary>
public sealed class RandomPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "random";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        int n = fleet.Vms.LiveCount;
        int start = n == 0 ? 0 : new SplitMix(call.Hash).Next(n);
        FirstFit.Offer(call, fleet, options, start, choice);
    }
}
