namespace Pipeline.Processors.Communities;

/// <summary>A graph's nodes in communities.</summary>
/// <param name="Labels">Community of each node, 0 .. Count - 1 in the order in which they first occur.</param>
/// <param name="Count">Communities.</param>
/// <param name="Modularity">Weighted modularity: at the resolution asked for, or at 1 where another quality was.</param>
public sealed record Partition(int[] Labels, int Count, double Modularity)
{
    /// <summary>What was made as large as possible: the modularity itself, or (links inside less resolution times the squared sizes) per unit of link.</summary>
    public double Quality { get; init; } = Modularity;

    /// <summary>It comes from a run over the whole graph; false: from an update.</summary>
    public bool IsFull { get; init; }
}
