using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Integration.Kafka;

/// <summary>What a reader of committed records finds in a topic now.</summary>
public static class CommittedRecords
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60), Wait = TimeSpan.FromMilliseconds(200);

    /// <summary>All records of a topic up to its end at the time of the call; the end of an open transaction is waited for.</summary>
    public static IEnumerable<ConsumeResult<byte[], byte[]>> Read(KafkaConnection kafka, string topic)
    {
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClients.ConsumerConfig(kafka, "tests-" + topic)).Build();
        List<TopicPartition> partitions = [.. Enumerable.Range(0, Topics.DefaultPartitions).Select(p => new TopicPartition(topic, p))];
        Dictionary<TopicPartition, long> ends = partitions.ToDictionary(p => p, p => End(consumer, p));
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(p, 0)));
        while (ends.Any(e => consumer.Position(e.Key) is var at && (at.IsSpecial ? 0 : at.Value) < e.Value))
        {
            if (consumer.Consume(Wait) is { } record) yield return record;
        }
    }

    /// <summary>A topic that was just made has no leader yet: it is asked again.</summary>
    private static long End(IConsumer<byte[], byte[]> consumer, TopicPartition partition)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return consumer.QueryWatermarkOffsets(partition, Timeout).High.Value;
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable && attempt < 100)
            {
                consumer.Consume(Wait);
            }
        }
    }
}
