using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>A service as the loop sees it: what it reads, what its state is restored from, and who processes.</summary>
public sealed record Topology
{
    /// <summary>Consumer group, prefix of transactional ids and name in dead letters.</summary>
    public required string Name { get; init; }

    /// <summary>The topic whose partitions are shared out over the instances.</summary>
    public required TopicSpec Source { get; init; }

    /// <summary>Topics that the processors' state is restored from, in this order; co-partitioned with the source.</summary>
    public IReadOnlyList<TopicSpec> Changelogs { get; init; } = [];

    /// <summary>Changelogs are read from so far back (by record timestamp). Null: from the first record there is.</summary>
    public TimeSpan? ChangelogsFrom { get; init; }

    /// <summary>Makes the processor of one partition.</summary>
    public required Func<int, IProcessor> CreateProcessor { get; init; }

    /// <summary>Topics that every instance reads whole.</summary>
    public IReadOnlyList<TopicSpec> Globals { get; init; } = [];

    /// <summary>Global topics are first read from so far back (by record timestamp), before any source record is fed.</summary>
    public TimeSpan GlobalsFrom { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Takes the records of <see cref="Globals"/>. Called on the same thread as the processors.</summary>
    public IGlobalReader? Global { get; init; }
}
