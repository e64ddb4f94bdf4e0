using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>Throws everything away: for records fed again only to rebuild state.</summary>
public sealed class DiscardOutput : IOutput
{
    public static readonly DiscardOutput Instance = new();

    private DiscardOutput()
    {
    }

    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : Google.Protobuf.IMessage<T>
    {
    }

    public void EmitBytes<T>(TopicSpec<T> topic, string key, ReadOnlySpan<byte> value)
        where T : Google.Protobuf.IMessage<T>
    {
    }

    public void DeadLetter(in StreamRecord record, string reason)
    {
    }
}
