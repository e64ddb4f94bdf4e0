using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

internal sealed class ConfluentTransactionalProducer : ITransactionalProducer
{
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(10);

    private readonly IProducer<byte[], byte[]> producer;
    private readonly string transactionalId;

    public ConfluentTransactionalProducer(KafkaConnection kafka, string transactionalId, ILogger log)
    {
        this.transactionalId = transactionalId;
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

    public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer) => Guard("commit", () =>
    {
        producer.SendOffsetsToTransaction(
            offsets.Select(o => new TopicPartitionOffset(o.Key.Topic, o.Key.Partition, o.Value)),
            ((ConfluentGroupConsumer)consumer).GroupMetadata,
            ConfluentClients.RequestTimeout);
        producer.CommitTransaction(ConfluentClients.RequestTimeout);
    });

    public void Abort() => Guard("abort", () => producer.AbortTransaction(ConfluentClients.RequestTimeout));

    public void Dispose() => producer.Dispose();

    private void Guard(string what, Action call) => ConfluentClients.Guard($"transaction {transactionalId}, {what}", () =>
    {
        call();
        return true;
    });
}
