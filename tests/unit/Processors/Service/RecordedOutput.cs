using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Service;

/// <summary>Keeps what a processor writes, as bytes in order.</summary>
internal sealed class RecordedOutput : IOutput
{
    public List<(string Topic, string Key, byte[] Value)> Records { get; } = [];

    public List<(long Offset, string Reason)> DeadLetters { get; } = [];

    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T> => Records.Add((topic.Name, key, value.ToByteArray()));

    public void DeadLetter(in StreamRecord record, string reason) => DeadLetters.Add((record.Offset, reason));

    public IEnumerable<T> Values<T>(TopicSpec<T> topic)
        where T : IMessage<T> => Records.Where(r => r.Topic == topic.Name).Select(r => topic.Parser.ParseFrom(r.Value));
}
