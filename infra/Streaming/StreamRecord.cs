using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>One record as it stands in a topic.</summary>
public readonly record struct StreamRecord
{
    /// <summary>Name of the topic.</summary>
    public required string Topic { get; init; }

    public required int Partition { get; init; }

    public required long Offset { get; init; }

    /// <summary>When the record was produced, wall clock, Unix milliseconds. Event time stands in the value.</summary>
    public required long TimestampUnixMs { get; init; }

    public required byte[] Key { get; init; }

    public required byte[] Value { get; init; }

    /// <summary>Null where there are none, or nobody wants them: only traces do.</summary>
    public IRecordHeaders? Headers { get; init; }

    /// <summary>Size of key and value.</summary>
    public long Bytes => (long)Key.Length + Value.Length;

    /// <summary>The key as text.</summary>
    public string KeyText => Encoding.UTF8.GetString(Key);

    /// <summary>Decodes and validates the value; what is wrong goes to the dead letters and false comes back.</summary>
    public bool TryRead<T>(TopicSpec<T> topic, IOutput output, out T value)
        where T : Google.Protobuf.IMessage<T>
    {
        if (topic.TryRead(new RecordContext(KeyText, TimestampUnixMs), Value, out value, out string reason)) return true;
        output.DeadLetter(this, reason);
        return false;
    }
}
