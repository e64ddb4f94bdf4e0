using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Service;

/// <summary>All that the dispatcher can be told.</summary>
public sealed record DispatcherOptions
{
    /// <summary>Name of a policy, see <see cref="PolicyCatalog"/>.</summary>
    public string Policy { get; init; } = ExpectedCompletionTimePolicy.PolicyName;

    /// <summary>Policy on trial, which decides about <see cref="TrialShare"/> of the calls; null: none.</summary>
    public string? Trial { get; init; }

    /// <summary>0 to 1.</summary>
    public double TrialShare { get; init; }

    /// <summary>Policies that say of every call what they would do, without acting.</summary>
    public IReadOnlyList<string> Shadows { get; init; } = [];

    /// <summary>Seed of samples and ties. Instances of one dispatcher should have the same.</summary>
    public ulong Seed { get; init; } = 1;

    public PolicyOptions Policies { get; init; } = new();

    public FleetOptions Fleet { get; init; } = new();
}
