using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>
/// Where a new life of the writer begins to read steps and predictions, so that predictions whose horizon was not over find their outcome:
/// as much before what is committed as the longest horizon takes. What is read again is joined only, not stored again.
/// </summary>
internal static class OutcomeReplay
{
    /// <summary>The longest horizon and some steps on top.</summary>
    private static readonly TimeSpan Back = TimeSpan.FromMinutes(80);

    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Records of a partition that are read again at most: a replay of a trace packs days into minutes.</summary>
    private const int RecordsMax = 20_000;

    /// <summary>So far before the committed offset a record is looked for that tells the time: markers of transactions take offsets too.</summary>
    private const int LookBack = 20;

    private const int PollsMax = 50;

    /// <summary>Takes the committed offset of each partition; gives where to begin.</summary>
    public static IReadOnlyDictionary<PartitionId, long> Begin(IStreamClients clients, IReadOnlyDictionary<PartitionId, long> committed)
    {
        PartitionId[] joined = [.. committed.Where(c => c.Value > 0 && (c.Key.Topic == Topics.VmSteps.Name || c.Key.Topic == Topics.VmPredictions.Name)).Select(c => c.Key)];
        if (joined.Length == 0) return committed;
        Dictionary<PartitionId, long> begin = committed.ToDictionary(c => c.Key, c => c.Value);
        using IPartitionReader reader = clients.OpenReader();
        foreach (PartitionId partition in joined)
        {
            long end = committed[partition], low = reader.Watermarks(partition).Low;
            if (end <= low || TimeBefore(reader, partition, low, end) is not { } time) continue;
            begin[partition] = Math.Clamp(reader.OffsetAt(partition, time - Back), Math.Max(low, end - RecordsMax), end);
        }
        return begin;
    }

    private static DateTimeOffset? TimeBefore(IPartitionReader reader, PartitionId partition, long low, long end)
    {
        reader.Assign(new Dictionary<PartitionId, long> { [partition] = Math.Max(low, end - LookBack) });
        for (int i = 0; i < PollsMax && reader.Position(partition) < end; i++)
            if (reader.TryPoll(PollWait, out StreamRecord record)) return DateTimeOffset.FromUnixTimeMilliseconds(record.TimestampUnixMs);
        return null;
    }
}
