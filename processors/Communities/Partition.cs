namespace Pipeline.Processors.Communities;

/// <summary>A graph's nodes in communities.</summary>
/// <param name="Labels">Community of each node, 0 .. Count - 1 in the order in which they first occur.</param>
/// <param name="Count">Communities.</param>
/// <param name="Modularity">Weighted modularity at the resolution asked for.</param>
public sealed record Partition(int[] Labels, int Count, double Modularity);
