using Microsoft.Extensions.Logging;
using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>
/// Output of the readers of global topics: they have none. A record that cannot be read is counted and logged only, since every
/// instance reads it and the topic's owner already puts it into the dead letters.
/// </summary>
internal sealed class GlobalOutput(StreamStatus status, ILogger log) : IOutput
{
    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : Google.Protobuf.IMessage<T> =>
        throw new InvalidOperationException($"a reader of global topics must not write ({topic.Name})");

    public void DeadLetter(in StreamRecord record, string reason)
    {
        status.CountUnreadableGlobal();
        log.LogWarning("{Topic}[{Partition}] offset {Offset} is passed over: {Reason}", record.Topic, record.Partition, record.Offset, reason);
    }
}
