using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>Writes what processors emit into the open transaction.</summary>
internal sealed class StreamOutput(Topology topology, ITransactionalProducer producer, StreamStatus status, ILogger log) : IOutput
{
    /// <summary>Partition of the record being processed.</summary>
    public int InputPartition { get; set; }

    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>
    {
        bool sameKey = topic.Key == topology.Source.Key && topic.Partitions == topology.Source.Partitions;
        producer.Send(topic.Name, sameKey ? InputPartition : null, Encoding.UTF8.GetBytes(key), value.ToByteArray());
        status.CountOutput();
    }

    public void DeadLetter(in StreamRecord record, string reason)
    {
        status.CountDeadLetter();
        log.LogWarning("{Topic}[{Partition}] offset {Offset} goes to the dead letters: {Reason}", record.Topic, record.Partition, record.Offset, reason);
        producer.Send(record.Topic + Topics.DeadLetterSuffix, record.Partition, record.Key, record.Value, DeadLetters.Headers(record, reason, topology.Name));
    }
}
