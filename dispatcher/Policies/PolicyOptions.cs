namespace Pipeline.Dispatcher.Policies;

/// <summary>Constants of the policies.</summary>
public sealed record PolicyOptions
{
    /// <summary>VMs that expected completion time samples, besides those that are warm.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>A call is rejected for its deadline when this share of its function's calls would miss it; 0: when its expected cost is beyond it.</summary>
    public double DeadlineMisses { get; init; } = .2;

    /// <summary>Weight of the cold starts that others are expected to have because their idle containers give way to this call; 0: they are not looked at.</summary>
    public double KeepWarm { get; init; }

    /// <summary>Weight of the risk that a VM gets busy during the call.</summary>
    public double Lambda { get; init; } = 1;
}
