using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Who decides about a call.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Options">The constants that costs are made with.</param>
/// <param name="IsTrial">It is not the default policy but the one on trial.</param>
internal readonly record struct Decider(IPolicy Policy, PolicyOptions Options, bool IsTrial);
