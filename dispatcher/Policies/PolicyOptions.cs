namespace Pipeline.Dispatcher.Policies;

/// <summary>Constants of the policies.</summary>
public sealed record PolicyOptions
{
    /// <summary>VMs that expected completion time samples, besides those that are warm.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>Weight of the risk that a VM gets busy during the call.</summary>
    public double Lambda { get; init; } = 1;
}
