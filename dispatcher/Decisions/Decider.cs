using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Who decides about a call.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Lambda">Weight of the risk that a VM gets busy during the call.</param>
/// <param name="IsTrial">It is not the default policy but the one on trial.</param>
internal readonly record struct Decider(IPolicy Policy, double Lambda, bool IsTrial);
