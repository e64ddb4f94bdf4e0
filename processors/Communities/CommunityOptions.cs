namespace Pipeline.Processors.Communities;

/// <summary>How communities follow the graph from refresh to refresh.</summary>
public sealed record CommunityOptions
{
    public LeidenOptions Leiden { get; init; } = new();

    /// <summary>See <see cref="Hysteresis"/>.</summary>
    public double MoveMargin { get; init; } = .15;

    /// <summary>See <see cref="Hysteresis"/>.</summary>
    public double MergeShare { get; init; } = .3;

    /// <summary>Sum of the squares of a VM's edges into a community from which on it joins: one edge of .6, or four of .3. Below it is alone.</summary>
    public double JoinWeight { get; init; } = .36;

    /// <summary>Who is in a community stays down to this sum, so that an edge that comes and goes does not take it along.</summary>
    public double StayWeight { get; init; } = .09;

    /// <summary>A community has grown or shrunk when it has so much more or less VMs, as a share, than at its last event.</summary>
    public double GrowthShare { get; init; } = .25;

    /// <summary>Other seeds with which communities are found from nothing, to see which of them come out again.</summary>
    public int StabilitySeeds { get; init; } = 4;
}
