using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>One live VM with the memory after the other, in the order of their names. To compare against; starts anew after a restart.</summary>
public sealed class RoundRobinPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "round-robin";

    private int next;

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        int n = fleet.Vms.LiveCount;
        int at = FirstFit.Offer(call, fleet, options, n == 0 ? 0 : next % n, choice);
        if (at >= 0) next = at + 1;
    }
}
