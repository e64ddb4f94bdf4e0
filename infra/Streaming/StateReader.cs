using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>Reads topics up to the high watermark that they had when asked.</summary>
internal static class StateReader
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private const int ProgressEveryRecords = 10_000;

    /// <summary>Feeds the changelogs of one partition, one topic after the other.</summary>
    public static void Restore(Topology topology, IPartitionReader reader, int partition, IProcessor processor, TimeProvider time, ILogger log)
    {
        foreach (Schemas.TopicSpec topic in topology.Changelogs)
        {
            PartitionId id = new(topic.Name, partition);
            (long low, long high) = reader.Watermarks(id);
            if (topology.ChangelogsFrom is { } back) low = reader.OffsetAt(id, time.GetUtcNow() - back);
            long count = ReadTo(reader, new() { [id] = (low, high) }, (in StreamRecord r) => processor.Restore(r), topology.Name, log);
            if (count > 0) log.LogInformation("{Service} restored {Count} records of {Partition}", topology.Name, count, id);
        }
    }

    public delegate void RecordAction(in StreamRecord record);

    /// <summary>Positions the reader and feeds everything in these ranges. Returns the number of records.</summary>
    public static long ReadTo(IPartitionReader reader, Dictionary<PartitionId, (long From, long High)> ranges, RecordAction action, string service, ILogger log)
    {
        reader.Assign(ranges.ToDictionary(r => r.Key, r => r.Value.From));
        List<PartitionId> open = [.. ranges.Where(r => r.Value.From < r.Value.High).Select(r => r.Key)];
        long count = 0, total = ranges.Sum(r => Math.Max(0, r.Value.High - r.Value.From));
        while (open.Count > 0)
        {
            if (reader.TryPoll(PollWait, out StreamRecord record))
            {
                action(record);
                if (++count % ProgressEveryRecords == 0) log.LogInformation("{Service} restores: {Count} of about {Total} records", service, count, total);
                // A position costs a call into the client; it is only asked for where the end is near.
                if (record.Offset + 2 < ranges[new PartitionId(record.Topic, record.Partition)].High) continue;
            }
            open.RemoveAll(p => reader.Position(p) >= ranges[p].High);
        }
        return count;
    }
}
