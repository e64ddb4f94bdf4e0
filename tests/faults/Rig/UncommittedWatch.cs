using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>Sees records the moment that they are written, before their transaction is committed: the time at which a crash hurts most.</summary>
internal static class UncommittedWatch
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits for the next record of a topic; false when none came in time.</summary>
    public static Task<bool> NextAsync(KafkaConnection kafka, TopicSpec topic, TimeSpan patience, CancellationToken cancel) => Task.Run(
        () =>
        {
            ConsumerConfig config = KafkaClients.ConsumerConfig(kafka, "faults-watch");
            config.IsolationLevel = IsolationLevel.ReadUncommitted;
            config.AutoOffsetReset = AutoOffsetReset.Latest;
            using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            consumer.Assign(Enumerable.Range(0, topic.Partitions).Select(p => new TopicPartitionOffset(topic.Name, p, Offset.End)));
            long started = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(started) < patience && !cancel.IsCancellationRequested)
            {
                try
                {
                    if (consumer.Consume(Look) is not null) return true;
                }
                catch (ConsumeException)
                {
                    // A broker is away; it comes back.
                }
            }
            return false;
        }, cancel);
}
