using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Telemetry;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>Writes what processors emit into the open transaction.</summary>
internal sealed class StreamOutput(Topology topology, ITransactionalProducer producer, StreamLimits limits, LimitWatch watch, StreamStatus status, ILogger log) : IOutput
{
    private IReadOnlyList<KeyValuePair<string, byte[]>>? headers;

    /// <summary>Partition of the record being processed.</summary>
    public int InputPartition { get; set; }

    /// <summary>The span of the record being processed; null: it is in no trace.</summary>
    public Activity? Span
    {
        get;
        set
        {
            field = value;
            headers = Tracing.HeadersOf(value);
        }
    }

    /// <summary>Records written into the open transaction, dead letters included.</summary>
    public int TransactionRecords { get; private set; }

    /// <summary>Bytes of keys and values written into the open transaction.</summary>
    public long TransactionBytes { get; private set; }

    /// <summary>A transaction begins.</summary>
    public void Begin()
    {
        TransactionRecords = 0;
        TransactionBytes = 0;
    }

    /// <exception cref="InvalidDataException">The record is larger than any that may be written: it would be so again, whatever is restarted.</exception>
    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T> => Write(topic, PartitionFor(topic), key, value.ToByteArray());

    public void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
        where T : IMessage<T> => Write(topic, PartitionFor(topic), key, value.ToArray());

    public void EmitToAll<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>
    {
        byte[] valueBytes = value.ToByteArray();
        for (int partition = 0; partition < topic.Partitions; partition++) Write(topic, partition, key, valueBytes);
    }

    /// <summary>Null: by hash of the key.</summary>
    private int? PartitionFor(TopicSpec topic) => topic.Key == topology.Source.Key && topic.Partitions == topology.Source.Partitions ? InputPartition : null;

    private void Write(TopicSpec topic, int? partition, string key, byte[] valueBytes)
    {
        byte[] keyBytes = Encoding.UTF8.GetBytes(key);
        int bytes = keyBytes.Length + valueBytes.Length;
        if (!limits.MayBeWritten(bytes))
        {
            string what = $"a record of {bytes} bytes for {topic.Name}, key '{key}'; at most {limits.MessageBytesMax} may be written, headers included";
            watch.Reached(StreamLimit.MessageBytes, () => what);
            throw new InvalidDataException(what);
        }
        producer.Send(topic.Name, partition, keyBytes, valueBytes, headers);
        Count(bytes);
        status.CountOutput();
    }

    public void DeadLetter(in StreamRecord record, string reason)
    {
        status.CountDeadLetter();
        Span?.SetStatus(ActivityStatusCode.Error, reason);
        log.LogWarning("{Topic}[{Partition}] offset {Offset} goes to the dead letters: {Reason}", record.Topic, record.Partition, record.Offset, reason);
        long bytes = record.Bytes;
        if (DeadLetters.Send(producer, record, reason, topology.Name, limits)) Count(bytes);
        else watch.Reached(StreamLimit.MessageBytes, () => $"a dead letter of {bytes} bytes carries only its headers");
    }

    private void Count(long bytes)
    {
        TransactionRecords++;
        TransactionBytes += bytes;
    }
}
