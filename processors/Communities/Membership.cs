namespace Pipeline.Processors.Communities;

/// <summary>How firmly a VM belongs to its community. All zero for a VM without edges.</summary>
/// <param name="Share">Share of the weight of its edges that leads into its community; 0: it is alone.</param>
/// <param name="Consensus">Share of other seeds that put it with its community; 0: it is alone.</param>
/// <param name="First">The other community that most of its edges' weight leads to.</param>
/// <param name="Second">The next.</param>
public readonly record struct Membership(float Share, float Consensus, Alternative First, Alternative Second);

/// <summary>A community that a VM might belong to as well.</summary>
/// <param name="Community">Its number; 0: none.</param>
/// <param name="Share">Share of the weight of the VM's edges that leads there.</param>
public readonly record struct Alternative(uint Community, float Share);
