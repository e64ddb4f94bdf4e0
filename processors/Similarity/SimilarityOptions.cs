namespace Pipeline.Processors.Similarity;

/// <summary>What makes two VMs neighbours.</summary>
public sealed record SimilarityOptions
{
    /// <summary>Neighbours per VM at most.</summary>
    public int K { get; init; } = 16;

    /// <summary>A change so many steps ago weighs half: one day of 5-minute steps gave the steadiest edges that still explain the present.</summary>
    public double HalfLifeSteps { get; init; } = 288;

    /// <summary>A VM known for fewer steps has no edges, and two VMs known together for fewer have none between them.</summary>
    public int MinSteps { get; init; } = 36;

    /// <summary>Probability that a VM without any partner is given one by chance; see <see cref="ChanceFloor"/>.</summary>
    public double FalseEdges { get; init; } = .05;

    /// <summary>
    /// Of more rows candidates are looked for in fewer dimensions (<see cref="SketchPanels"/>) and then compared exactly: nearly all edges above
    /// .3 are found, in half of the time.
    /// </summary>
    public int ExactRowsMax { get; init; } = 40_000;

    /// <summary>Threads at most; 0: one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }
}
