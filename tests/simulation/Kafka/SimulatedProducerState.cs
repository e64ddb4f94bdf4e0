using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>What the broker knows of a transactional id.</summary>
internal sealed class SimulatedProducerState
{
    public int Epoch { get; set; }

    public SimulatedTransaction? Open { get; set; }

    /// <summary>By partition the sequence number that is expected next, of the current epoch.</summary>
    public Dictionary<PartitionId, int> Sequences { get; } = [];
}
