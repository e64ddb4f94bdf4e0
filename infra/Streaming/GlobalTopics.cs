using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>
/// The global topics in one life of the loop.
/// <code>
///                 high watermarks of now reached
///   behind ─────────────────────────────────────► level: read as it comes
///      ▲  source records wait                        │
///      └─────────────────────────────────────────────┘ a partition comes: <see cref="AimAtNow"/>
/// </code>
/// Whoever had the partition before has committed what it wrote to global topics, but perhaps not a moment ago: until that is read, this
/// instance would answer out of what it knew before. It waits in steps, not in one call, because the high watermark may be that of a
/// transaction which somebody else on this thread (a simulation), or nobody any more (60 s, then the broker aborts it), has to end.
/// </summary>
internal sealed class GlobalTopics : IDisposable
{
    /// <summary>At most so many records in a row before the source, or whoever watches the loop, gets its turn.</summary>
    private const int Burst = 1000;

    private readonly IPartitionReader reader;
    private readonly IGlobalReader target;
    private readonly GlobalOutput output;
    private readonly StreamLimits limits;
    private readonly LimitWatch watch;
    private readonly PartitionId[] partitions;
    private readonly Dictionary<PartitionId, long> behind = [];

    /// <summary>Forgets what was known and reads from <see cref="Topology.GlobalsFrom"/> up to the high watermarks of now.</summary>
    public GlobalTopics(Topology topology, IStreamClients clients, StreamLimits limits, LimitWatch watch, StateReader state, StreamStatus status, ILogger log, TimeProvider time)
    {
        this.limits = limits;
        this.watch = watch;
        target = topology.Global ?? throw new ArgumentException($"{topology.Name} reads global topics but has no {nameof(Topology.Global)}");
        output = new GlobalOutput(status, log);
        reader = clients.OpenReader();
        try
        {
            target.Reset();
            partitions = [.. topology.Globals.SelectMany(t => reader.PartitionsOf(t.Name))];
            DateTimeOffset since = time.GetUtcNow() - topology.GlobalsFrom;
            Dictionary<PartitionId, (long, long)> ranges = partitions.ToDictionary(id => id, id => From(topology, id, since));
            long count = state.ReadTo(reader, ranges, Apply);
            log.LogInformation("{Service} read {Count} records of {Topics}", topology.Name, count, string.Join(", ", topology.Globals));
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>What is compacted counts whatever its age.</summary>
    private (long, long) From(Topology topology, PartitionId id, DateTimeOffset since)
    {
        (long low, long high) = reader.Watermarks(id);
        return (topology.Globals.First(t => t.Name == id.Topic).Compacted ? low : reader.OffsetAt(id, since), high);
    }

    /// <summary>Whether source records may be fed.</summary>
    public bool IsLevel => behind.Count == 0;

    /// <summary>From now on source records wait until what is in the topics at this moment has been read.</summary>
    public void AimAtNow()
    {
        foreach (PartitionId id in partitions)
        {
            long high = reader.Watermarks(id).High;
            if (reader.Position(id) < high) behind[id] = high;
        }
    }

    /// <summary>Takes what is there; while behind, waits for it at most so long.</summary>
    /// <returns><see cref="IsLevel"/>.</returns>
    public bool Advance(TimeSpan wait)
    {
        for (int i = 0; i < Burst && reader.TryPoll(behind.Count > 0 ? wait : TimeSpan.Zero, out StreamRecord record); i++)
        {
            Apply(record);
            // A position costs a call into the client; it is only asked for where the end is near.
            if (behind.TryGetValue(new PartitionId(record.Topic, record.Partition), out long high) && record.Offset + 2 >= high) DropReached();
        }
        DropReached();
        return IsLevel;
    }

    public void Dispose() => reader.Dispose();

    private void Apply(in StreamRecord record)
    {
        if (TooLarge.Check(record, limits, watch) is { } reason) output.DeadLetter(record, reason);
        else target.Apply(record, output);
    }

    private void DropReached()
    {
        if (behind.Count == 0) return;
        foreach ((PartitionId id, long high) in behind)
            if (reader.Position(id) >= high) behind.Remove(id);
    }
}
