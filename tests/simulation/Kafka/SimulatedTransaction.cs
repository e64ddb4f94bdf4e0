using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>A transaction of one producer epoch: open, then committed or aborted.</summary>
/// <param name="producer">Transactional id.</param>
/// <param name="sinceMs">When it was opened.</param>
public sealed class SimulatedTransaction(string producer, long sinceMs)
{
    public enum State
    {
        Open,
        Committed,
        Aborted,
    }

    public string Producer => producer;

    public long SinceMs => sinceMs;

    public State Status { get; internal set; }

    internal HashSet<PartitionId> Partitions { get; } = [];
}
