using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>A transaction of one producer epoch: open, then committed or aborted.</summary>
public sealed class SimulatedTransaction
{
    public enum State
    {
        Open,
        Committed,
        Aborted,
    }

    public State Status { get; internal set; }

    internal HashSet<PartitionId> Partitions { get; } = [];
}
