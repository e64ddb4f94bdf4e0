using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// A producer of Confluent.Kafka. librdkafka's rd_kafka_send_offsets_to_transaction does not keep to its time-out: when the group's
/// coordinator goes away while it is asked, the call may never return (confluentinc/librdkafka#5456, #5511). It is then left to itself: the
/// loop opens another producer with the same id, which fences this one, and what this one holds is not given back.
/// </summary>
internal sealed class ConfluentTransactionalProducer : ITransactionalProducer
{
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(10);

    /// <summary>Longer than the call may take if it kept to its time-out.</summary>
    private static readonly TimeSpan StuckAfter = ConfluentClients.RequestTimeout + TimeSpan.FromSeconds(5);

    private readonly IProducer<byte[], byte[]> producer;
    private readonly string transactionalId;
    private readonly ILogger log;
    private bool stuck;

    public ConfluentTransactionalProducer(KafkaConnection kafka, string transactionalId, ILogger log)
    {
        this.transactionalId = transactionalId;
        this.log = log;
        producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.TransactionalConfig(kafka, transactionalId))
            .SetLogHandler((_, message) => ConfluentClients.Log(log, message))
            .SetErrorHandler((_, error) => ConfluentClients.Report(log, error))
            .Build();
        try
        {
            Guard("open", () => producer.InitTransactions(ConfluentClients.RequestTimeout));
        }
        catch
        {
            producer.Dispose();
            throw;
        }
    }

    public void Begin() => Guard("begin", producer.BeginTransaction);

    public void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers)
    {
        Message<byte[], byte[]> message = new() { Key = key, Value = value };
        if (headers is not null)
        {
            message.Headers = [];
            foreach ((string name, byte[] text) in headers) message.Headers.Add(name, text);
        }
        TopicPartition target = new(topic, partition is { } p ? new Partition(p) : Partition.Any);
        while (true)
        {
            try
            {
                producer.Produce(target, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                // Back-pressure: the broker is slower than we are; deliveries make room.
                producer.Poll(QueueFullWait);
            }
            catch (KafkaException e)
            {
                throw new StreamClientException($"send to {topic}: {e.Error.Reason}", e);
            }
        }
    }

    public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer)
    {
        IConsumerGroupMetadata group = ((ConfluentGroupConsumer)consumer).GroupMetadata;
        Task sending = Task.Run(() => Guard("offsets", () => producer.SendOffsetsToTransaction(
            offsets.Select(o => new TopicPartitionOffset(o.Key.Topic, o.Key.Partition, o.Value)), group, ConfluentClients.RequestTimeout)));
        stuck = Task.WaitAny([sending], StuckAfter) < 0;
        ThrowIfStuck();
        sending.GetAwaiter().GetResult();
        Guard("commit", () => producer.CommitTransaction(ConfluentClients.RequestTimeout));
    }

    public void Abort()
    {
        ThrowIfStuck();
        Guard("abort", () => producer.AbortTransaction(ConfluentClients.RequestTimeout));
    }

    public void Dispose()
    {
        // To take the client from under the call that is in it would be worse than to leave it.
        if (stuck) log.LogError("transaction {Id}: the Kafka client hangs and is left behind", transactionalId);
        else producer.Dispose();
    }

    private void ThrowIfStuck()
    {
        if (stuck) throw new StreamClientException($"transaction {transactionalId}, offsets: no answer within {StuckAfter}");
    }

    private void Guard(string what, Action call) => ConfluentClients.Guard($"transaction {transactionalId}, {what}", () =>
    {
        call();
        return true;
    });
}
