using System.Globalization;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge;

/// <summary>
/// From where on the records of a partition have to be fed again, so that a new process has the machines' scrapes that are open and those before
/// them. It stands on a topic beside the source, in one transaction with what was made of the records. It only ever goes up, so that one that is
/// some seconds old is good as well.
/// </summary>
internal sealed class ReplayPoint(TopicSpec<BridgeProgress> topic)
{
    private const long EveryMs = 10_000;

    private readonly BridgeProgress value = new();
    private long? known;
    private long told = long.MinValue;

    /// <summary>Takes what a former process said.</summary>
    public void Restore(in StreamRecord record)
    {
        if (topic.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out BridgeProgress progress, out _)) known = progress.ReplayFrom;
    }

    public long From(long committed) => Math.Min(committed, known ?? committed);

    /// <summary>Whether it is to be said: once in ten seconds of the records' time.</summary>
    public bool IsDue(in StreamRecord record) => record.TimestampUnixMs / EveryMs != told;

    /// <summary>Says it.</summary>
    /// <param name="record">Comes next; all before it have been taken.</param>
    /// <param name="firstOffset">Of what is remembered.</param>
    /// <param name="output">Takes it.</param>
    public void Tell(in StreamRecord record, long firstOffset, IOutput output)
    {
        told = record.TimestampUnixMs / EveryMs;
        value.ReplayFrom = Math.Min(firstOffset, record.Offset);
        output.Emit(topic, record.Partition.ToString(CultureInfo.InvariantCulture), value);
    }
}
