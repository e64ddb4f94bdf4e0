using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>What a processor writes. All of it becomes visible together with the offsets of the input, or not at all.</summary>
public interface IOutput
{
    /// <summary>
    /// Writes one record. A topic with the same key as the input's topic takes it in the partition of the input; others by hash of the key.
    /// The value is serialised before the call returns, so it may be reused.
    /// </summary>
    void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>;

    /// <summary>As <see cref="Emit"/>, a value that is serialised already.</summary>
    void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
        where T : IMessage<T> => Emit(topic, key, topic.Parser.ParseFrom(value));

    /// <summary>Writes one record into every partition of a topic: what concerns whoever reads any of them.</summary>
    void EmitToAll<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T> => Emit(topic, key, value);

    /// <summary>Puts a record aside that cannot be used, and says why.</summary>
    void DeadLetter(in StreamRecord record, string reason);
}
