namespace Pipeline.Processors.Communities;

/// <summary>What communities are judged by.</summary>
public enum Quality
{
    /// <summary>Weighted modularity: links inside against those that chance gives nodes of these strengths. Prefers larger communities in larger graphs.</summary>
    Modularity,

    /// <summary>
    /// Constant Potts model (V. A. Traag, P. Van Dooren, Y. Nesterov, "Narrow scope for resolution-limit-free community detection", Phys. Rev. E 84,
    /// 2011): links inside against a constant for each pair of nodes. A community is judged by itself, however large the graph.
    /// </summary>
    Cpm,
}
