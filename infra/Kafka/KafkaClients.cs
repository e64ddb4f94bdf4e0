using Confluent.Kafka;

namespace Pipeline.Infra.Kafka;

/// <summary>Settings of every client: what the pipeline needs, then what the connection asks for on top.</summary>
public static class KafkaClients
{
    /// <summary>A producer for sources (agents, gateways): idempotent, batches for a few milliseconds.</summary>
    public static ProducerConfig ProducerConfig(KafkaConnection kafka) => Apply(kafka, new ProducerConfig
    {
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = 5,
        CompressionType = CompressionType.Lz4,
        Partitioner = Confluent.Kafka.Partitioner.Murmur2Random,
    });

    /// <summary>A producer for a processing loop: low latency, fast retries while the broker finishes the last transaction.</summary>
    public static ProducerConfig TransactionalConfig(KafkaConnection kafka, string transactionalId)
    {
        ProducerConfig config = ProducerConfig(kafka);
        config.TransactionalId = transactionalId;
        config.LingerMs = 0;
        config.RetryBackoffMs = 5;
        config.TransactionTimeoutMs = 60_000;
        return config;
    }

    /// <summary>A consumer whose owner commits: committed records only, from the first record where the group is new.</summary>
    public static ConsumerConfig ConsumerConfig(KafkaConnection kafka, string group) => Apply(kafka, new ConsumerConfig
    {
        GroupId = group,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        FetchQueueBackoffMs = 10,
        // State is rebuilt within the assignment of a partition, which has to end within this time.
        MaxPollIntervalMs = 30 * 60_000,
        FetchWaitMaxMs = kafka.Embedded ? 10 : 100,
        // A process that hosts broker and services may stand still as a whole.
        SessionTimeoutMs = kafka.Embedded ? 60_000 : 45_000,
    });

    private static T Apply<T>(KafkaConnection kafka, T config)
        where T : ClientConfig
    {
        config.BootstrapServers = kafka.BootstrapServers;
        foreach ((string key, string value) in kafka.Settings) config.Set(key, value);
        return config;
    }
}
