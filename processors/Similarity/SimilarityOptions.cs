namespace Pipeline.Processors.Similarity;

/// <summary>What makes two VMs neighbours.</summary>
public sealed record SimilarityOptions
{
    /// <summary>Neighbours per VM at most.</summary>
    public int K { get; init; } = 16;

    /// <summary>A change so many steps ago weighs half: one day of 5 minutes gave the steadiest edges that still explain the present.</summary>
    public double HalfLifeSteps { get; init; } = 288;

    /// <summary>VMs with fewer known changes than this have no edges.</summary>
    public int MinSteps { get; init; } = 36;

    /// <summary>Share of VMs that may get an edge by chance.</summary>
    public double FalseEdges { get; init; } = .05;
}
