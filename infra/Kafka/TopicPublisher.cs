using Confluent.Kafka;
using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;

namespace Pipeline.Infra.Kafka;

/// <summary>Writes single records for commands: settings, not a stream.</summary>
public static class TopicPublisher
{
    /// <summary>Is done when all of them are acknowledged.</summary>
    /// <exception cref="UserException">The topic cannot be written.</exception>
    public static async Task PublishAsync<T>(KafkaConnection kafka, TopicSpec<T> topic, IEnumerable<(string Key, T Value)> records, CancellationToken cancel)
        where T : IMessage<T>
    {
        using IProducer<string, byte[]> producer = KafkaClients.Open(kafka, () => new ProducerBuilder<string, byte[]>(KafkaClients.ProducerConfig(kafka)).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build());
        try
        {
            foreach ((string key, T value) in records) await producer.ProduceAsync(topic.Name, new Message<string, byte[]> { Key = key, Value = value.ToByteArray() }, cancel);
        }
        catch (ProduceException<string, byte[]> e)
        {
            throw new UserException($"{topic} could not be written at {kafka.BootstrapServers}: {e.Error.Reason}", e);
        }
    }
}
