using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Policies;

/// <summary>
/// A rule by which a call gets its VM. The same object decides in the service, in the simulator and in tests; what it decides is a function of
/// the call, the fleet's state and what it decided before. What it needs to know of the past (which VMs are warm, who is loaded, how often a
/// function comes) stands in the fleet's state or is seen call by call.
/// </summary>
public interface IPolicy
{
    /// <summary>As in the option --policy and in decision records.</summary>
    string Name { get; }

    /// <summary>
    /// Offers VMs to <paramref name="choice"/>, which keeps the best. Only live VMs with room for the call's memory may be offered.
    /// Where none is, the policy rejects with a reason. <paramref name="choice"/> comes cleared.
    /// </summary>
    void Decide(in CallRequest call, FleetState fleet, Choice choice);
}
