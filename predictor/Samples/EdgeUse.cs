namespace Pipeline.Predictor.Samples;

/// <summary>What a network is shown of the graph.</summary>
public enum EdgeUse
{
    /// <summary>As it is.</summary>
    Kept,

    /// <summary>No neighbours.</summary>
    None,

    /// <summary>As many neighbours with the same weights, but other VMs.</summary>
    Shuffled,
}
