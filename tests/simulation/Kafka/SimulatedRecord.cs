using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>One entry of a partition's log: a record, or the marker that ends a transaction.</summary>
public sealed record SimulatedRecord
{
    public required byte[] Key { get; init; }

    public required byte[] Value { get; init; }

    public IReadOnlyList<KeyValuePair<string, byte[]>> Headers { get; init; } = [];

    public long TimestampUnixMs { get; init; }

    /// <summary>The transaction that it belongs to; null: none.</summary>
    public SimulatedTransaction? Transaction { get; init; }

    /// <summary>A control record: takes an offset, is never shown.</summary>
    public bool IsMarker { get; init; }

    /// <summary>The record as a reader gets it.</summary>
    public StreamRecord At(PartitionId id, long offset) => new()
    {
        Topic = id.Topic,
        Partition = id.Partition,
        Offset = offset,
        TimestampUnixMs = TimestampUnixMs,
        Key = Key,
        Value = Value,
        Headers = Headers.Count == 0 ? null : new ListedHeaders(Headers),
    };
}
