using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>Join the shortest queue: the live VM with the memory and the fewest calls in flight, ties at random. To compare against.</summary>
public sealed class ShortestQueuePolicy(PolicyOptions options) : IPolicy
{
    public const string PolicyName = "jsq";

    public string Name => PolicyName;

    public void Decide(in CallRequest call, FleetState fleet, Choice choice) =>
        SingleOffer.Make(call, fleet, options, LeastLoaded.Among(fleet.Vms.Live, call, fleet.Vms), choice);
}
