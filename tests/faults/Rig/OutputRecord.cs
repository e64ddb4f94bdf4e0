using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>One output, as the oracle gives it or as it stands in a topic.</summary>
internal sealed record OutputRecord(string Topic, int Partition, string Key, byte[] Value)
{
    public PartitionId Place => new(Topic, Partition);

    /// <summary>Who it is, whatever it says: cell, step, revision, chunk.</summary>
    public string Identity { get; } = Identify(Topic, Value);

    public bool SaysTheSameAs(OutputRecord other) => Key == other.Key && Value.AsSpan().SequenceEqual(other.Value);

    /// <summary>The message as JSON.</summary>
    public string Text => Google.Protobuf.JsonFormatter.Default.Format(Parse(Topic, Value));

    private static string Identify(string topic, byte[] value) => Parse(topic, value) switch
    {
        StepChunk c => Of(c.Cell, c.StepEndUnixMs, c.Revision, c.Chunk),
        SnapshotChunk c => Of(c.Cell, c.StepEndUnixMs, c.Revision, c.Chunk),
        CommunityChunk c => Of(c.Cell, c.StepEndUnixMs, c.Revision, c.Chunk),
        PatternChunk c => Of(c.Cell, c.StepEndUnixMs, c.Revision, c.Chunk),
        PredictionChunk c => Of(c.Cell, c.StepEndUnixMs, c.Revision, c.Chunk),
        _ => throw new ArgumentException($"{topic} is not an output of the oracle"),
    };

    private static string Of(string cell, long end, uint revision, uint chunk) => FormattableString.Invariant($"{cell} step {end} revision {revision} chunk {chunk}");

    private static Google.Protobuf.IMessage Parse(string topic, byte[] value) =>
        topic == Topics.VmSteps.Name ? StepChunk.Parser.ParseFrom(value)
        : topic == Topics.GraphSnapshots.Name ? SnapshotChunk.Parser.ParseFrom(value)
        : topic == Topics.GraphCommunities.Name ? CommunityChunk.Parser.ParseFrom(value)
        : topic == Topics.VmPatterns.Name ? PatternChunk.Parser.ParseFrom(value)
        : PredictionChunk.Parser.ParseFrom(value);
}
