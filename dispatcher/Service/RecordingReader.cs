using Google.Protobuf;
using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>Reads what topics hold of a span of time, as they are now.</summary>
internal static class RecordingReader
{
    /// <summary>Records are produced about when they happen; a replay's or a backlog's may be later by any time, so only the beginning is skipped.</summary>
    public static Recording Read(IPartitionReader reader, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        Recording recording = new(from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        // Completions mean nothing before their invocations.
        ReadAll(reader, Topics.FunctionInvocations, recording.Read, cancel);
        ReadAll(reader, Topics.FunctionCompletions, recording.Read, cancel);
        ReadAll(reader, Topics.VmSteps, recording.Read, cancel);
        return recording;
    }

    private static void ReadAll<T>(IPartitionReader reader, TopicSpec<T> topic, Action<T> take, CancellationToken cancel)
        where T : IMessage<T>
    {
        foreach (StreamRecord record in TopicContents.Read(reader, topic.Name, null, cancel))
            if (record.TryRead(topic, DiscardOutput.Instance, out T value)) take(value);
    }
}
