using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Service;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Explanation;

/// <summary>Looks through snapshots as they stand in the topic for the newest one of a VM up to a time; pure.</summary>
/// <param name="vm">Its name.</param>
/// <param name="atUnixMs">The step ends then or before.</param>
public sealed class SnapshotSearch(string vm, long atUnixMs)
{
    private readonly Dictionary<int, SnapshotCollector> _collectors = [];

    /// <summary>All chunks of the snapshot; empty: none was found.</summary>
    public IReadOnlyList<SnapshotView> Found { get; private set; } = [];

    /// <summary>When its last chunk was written, Unix milliseconds.</summary>
    public long WrittenUnixMs { get; private set; }

    /// <summary>Ends of the oldest and newest step seen, whatever the VM; 0: none.</summary>
    public (long Oldest, long Newest) Seen { get; private set; }

    /// <summary>Takes the next record of the topic; chunks of one partition come in order.</summary>
    public void Take(in StreamRecord record)
    {
        if (!SnapshotView.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out SnapshotView chunk, out _)) return;
        Seen = (Seen.Oldest == 0 ? chunk.StepEndUnixMs : Math.Min(Seen.Oldest, chunk.StepEndUnixMs), Math.Max(Seen.Newest, chunk.StepEndUnixMs));
        if (!_collectors.TryGetValue(record.Partition, out SnapshotCollector? collector)) _collectors[record.Partition] = collector = new SnapshotCollector();
        if (collector.Add(chunk, out IReadOnlyList<SnapshotView> whole) is not null || whole.Count == 0) return;
        SnapshotView first = whole[0];
        if (first.StepEndUnixMs > atUnixMs || !NamesOf(whole).Contains(vm)) return;
        if (Found.Count > 0 && (first.StepEndUnixMs, first.Revision).CompareTo((Found[0].StepEndUnixMs, Found[0].Revision)) < 0) return;
        (Found, WrittenUnixMs) = ([.. whole], record.TimestampUnixMs);
    }

    /// <summary>Names of all rows.</summary>
    internal static List<string> NamesOf(IReadOnlyList<SnapshotView> snapshot)
    {
        List<string> names = [];
        foreach (SnapshotView part in snapshot) part.AddNames(names);
        return names;
    }
}
