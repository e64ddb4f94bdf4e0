using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Service;

/// <summary>All that the dispatcher can be told.</summary>
public sealed record DispatcherOptions
{
    /// <summary>Name of a policy, see <see cref="PolicyCatalog"/>.</summary>
    public string Policy { get; init; } = ExpectedCompletionTimePolicy.PolicyName;

    /// <summary>Seed of samples and ties. Instances of one dispatcher should have the same.</summary>
    public ulong Seed { get; init; } = 1;

    public PolicyOptions Policies { get; init; } = new();

    public FleetOptions Fleet { get; init; } = new();
}
