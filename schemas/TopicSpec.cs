using Google.Protobuf;

namespace Pipeline.Schemas;

/// <summary>One topic of the catalogue: what is in it, how it is keyed, cut and kept.</summary>
public record TopicSpec
{
    /// <summary>Kafka topic name.</summary>
    public required string Name { get; init; }

    /// <summary>What the key is, in one word; keys are UTF-8 text.</summary>
    public required string Key { get; init; }

    /// <summary>Topics with the same key have the same number, so that they are co-partitioned.</summary>
    public int Partitions { get; init; } = Topics.DefaultPartitions;

    /// <summary>How long records are kept; null: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>Records carry the broker's time, not their sender's (message.timestamp.type=LogAppendTime), so that senders' clocks can be checked.</summary>
    public bool BrokerTime { get; init; }

    /// <summary>Only the newest record of a key is kept.</summary>
    public bool Compacted { get; init; }

    /// <summary>Name of the value's message type; "bytes" where anything may be in it.</summary>
    public virtual string ValueType => "bytes";

    /// <summary>One line for readers.</summary>
    public required string Description { get; init; }

    /// <summary>Where records of this topic go that cannot be decoded or validated.</summary>
    public string DeadLetterName => Name + Topics.DeadLetterSuffix;

    public sealed override string ToString() => Name;
}

/// <summary>A topic whose values are messages of one type.</summary>
/// <typeparam name="T">The message type.</typeparam>
public sealed record TopicSpec<T> : TopicSpec
    where T : IMessage<T>
{
    public required MessageParser<T> Parser { get; init; }

    /// <summary>Says what is wrong with a decoded value, or null when nothing is.</summary>
    public required Func<T, RecordContext, string?> Validate { get; init; }

    public override string ValueType => typeof(T).Name;

    /// <summary>Decodes and validates one value; on failure <paramref name="reason"/> says what is wrong and where.</summary>
    public bool TryRead(RecordContext context, ReadOnlySpan<byte> value, out T message, out string reason)
    {
        message = default!;
        if (value.Length > Topics.MaxValueBytes)
        {
            reason = $"value of {value.Length} bytes; at most {Topics.MaxValueBytes} are allowed";
            return false;
        }
        try
        {
            message = Parser.ParseFrom(value);
        }
        catch (InvalidProtocolBufferException e)
        {
            reason = $"not a {ValueType}: {e.Message}";
            return false;
        }
        reason = Validate(message, context) ?? "";
        return reason.Length == 0;
    }
}

/// <summary>What validation may look at besides the value.</summary>
/// <param name="Key">The record's key as text.</param>
/// <param name="TimestampUnixMs">When the record was produced (Kafka's timestamp), Unix milliseconds.</param>
public readonly record struct RecordContext(string Key, long TimestampUnixMs);
