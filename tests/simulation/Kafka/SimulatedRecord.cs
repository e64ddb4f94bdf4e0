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
}
