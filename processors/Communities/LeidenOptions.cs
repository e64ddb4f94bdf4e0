namespace Pipeline.Processors.Communities;

/// <summary>How communities are found.</summary>
public sealed record LeidenOptions
{
    /// <summary>What is made as large as possible.</summary>
    public Quality Quality { get; init; } = Quality.Modularity;

    /// <summary>
    /// Higher values give more and smaller communities. Of modularity 1 is the plain one; of CPM it is the link that two nodes of a community
    /// have on average at least.
    /// </summary>
    public double Resolution { get; init; } = 1;

    public int Seed { get; init; } = 1;

    /// <summary>Randomness of the refinement: how freely a node may join a community that is not the best one (theta in the paper, which uses .01).</summary>
    public double Randomness { get; init; } = .01;

    /// <summary>The whole run is repeated from its own result so often, or until <see cref="GainMin"/> ends it.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Threads; the answer is the same for any number.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// In modularity. The run is over when moving single nodes of its result gains no more than this: what would follow then gains about as
    /// much, which is less than seeds differ by.
    /// </summary>
    public double GainMin { get; init; } = 2e-4;

    /// <summary>A partition that was updated is found anew when its quality is so much below that of the last full run, as a share of it.</summary>
    public double DriftMax { get; init; } = .001;

    /// <summary>What a unit of mass expects of another: see <see cref="CsrGraph.Quality"/>.</summary>
    internal double ScaleFor(CsrGraph graph) => Quality == Quality.Cpm ? Resolution : Resolution / graph.TotalStrength;
}
