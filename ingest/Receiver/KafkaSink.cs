using System.Text;
using Confluent.Kafka;
using Pipeline.Infra.Kafka;

namespace Pipeline.Ingest.Receiver;

/// <summary>Sends to a topic. What waits for the brokers is limited by the producer's queue; when that is full, agents are told to wait.</summary>
internal sealed class KafkaSink : IRecordSink, IDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly string topic;
    private readonly IProducer<byte[], byte[]> producer;

    public KafkaSink(KafkaConnection kafka, string topic)
    {
        this.topic = topic;
        producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(kafka)).Build();
    }

    public async Task SendAsync(IReadOnlyList<ForeignRecord> records)
    {
        try
        {
            await Task.WhenAll(records.Select(r => producer.ProduceAsync(topic, new Message<byte[], byte[]> { Key = r.Key.Length > 0 ? Encoding.UTF8.GetBytes(r.Key) : null!, Value = r.Value })));
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            throw new SinkBusyException($"{topic}: {e.Error.Reason}", e);
        }
    }

    public void Dispose()
    {
        producer.Flush(Farewell);
        producer.Dispose();
    }
}
