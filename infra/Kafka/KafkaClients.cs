using Confluent.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>Settings of every client: what the pipeline needs, then what the connection asks for on top.</summary>
public static class KafkaClients
{
    /// <summary>A producer for sources (agents, gateways): idempotent, batches for a few milliseconds.</summary>
    public static ProducerConfig ProducerConfig(KafkaConnection kafka) => Apply(kafka, Producer(StreamLimits.Default));

    private static ProducerConfig Producer(StreamLimits limits) => new()
    {
        MessageMaxBytes = limits.MessageBytesMax,
        QueueBufferingMaxKbytes = limits.ProducerQueueKbytes,
        QueueBufferingMaxMessages = limits.ProducerQueueMessages,
        EnableIdempotence = true,
        Acks = Acks.All,
        LingerMs = 5,
        CompressionType = CompressionType.Lz4,
        Partitioner = Confluent.Kafka.Partitioner.Murmur2Random,
    };

    /// <summary>A producer for a processing loop: low latency, fast retries while the broker finishes the last transaction.</summary>
    public static ProducerConfig TransactionalConfig(KafkaConnection kafka, string transactionalId, StreamLimits limits)
    {
        ProducerConfig config = Producer(limits);
        config.TransactionalId = transactionalId;
        config.LingerMs = 0;
        // While the broker ends the transaction before, the next one's offsets are tried again after this time.
        config.RetryBackoffMs = 1;
        // A commit waits for delivery reports in slices of 10 ms; one that another thread takes away from it is noticed only at a slice's end.
        config.EnableBackgroundPoll = false;
        config.TransactionTimeoutMs = 60_000;
        return Apply(kafka, config);
    }

    /// <summary>A consumer whose owner commits: committed records only, from the first record where the group is new.</summary>
    public static ConsumerConfig ConsumerConfig(KafkaConnection kafka, string group, StreamLimits? limits = null) => Apply(kafka, new ConsumerConfig
    {
        QueuedMaxMessagesKbytes = (limits ?? StreamLimits.Default).ConsumerQueueKbytes,
        QueuedMinMessages = (limits ?? StreamLimits.Default).ConsumerQueueMessages,
        FetchMaxBytes = (limits ?? StreamLimits.Default).FetchBytesMax,
        MaxPartitionFetchBytes = (limits ?? StreamLimits.Default).PartitionFetchBytesMax,
        MaxPollIntervalMs = (int)(limits ?? StreamLimits.Default).PollIntervalMax.TotalMilliseconds,
        GroupId = group,
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        FetchQueueBackoffMs = 10,
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
