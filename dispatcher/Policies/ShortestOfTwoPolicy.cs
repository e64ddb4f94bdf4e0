using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// JSQ(2), the power of two choices (Mitzenmacher, IEEE TPDS 2001): of two different VMs drawn at random, the one with fewer calls in flight.
/// To compare against.
/// </summary>
public sealed class ShortestOfTwoPolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "jsq-2";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice)
    {
        Span<int> probes = stackalloc int[2];
        int count = Probes.Draw(call, fleet.Vms, probes);
        SingleOffer.Make(call, fleet, options, LeastLoaded.Among(probes[..count], call, fleet.Vms), choice);
    }
}
