using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>Reads partitions up to the high watermark that they had when asked, and tells how far it is. A cancellation ends it at once.</summary>
internal sealed class StateReader(string service, StreamProgress progress, ILogger log, TimeProvider time, CancellationToken cancel)
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    public delegate void RecordAction(in StreamRecord record);

    /// <summary>Feeds the changelogs of one partition, one topic after the other.</summary>
    public void Restore(Topology topology, IPartitionReader reader, int partition, IProcessor processor)
    {
        foreach (Schemas.TopicSpec topic in topology.Changelogs)
        {
            PartitionId id = new(topic.Name, partition);
            (long low, long high) = reader.Watermarks(id);
            if (topology.ChangelogsFrom is { } back) low = reader.OffsetAt(id, time.GetUtcNow() - back);
            long count = ReadTo(reader, new() { [id] = (low, high) }, (in StreamRecord r) => processor.Restore(r));
            if (count > 0) log.LogInformation("{Service} restored {Count} records of {Partition}", service, count, id);
        }
    }

    /// <summary>Positions the reader and feeds everything in these ranges. Returns the number of records.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: what was fed is not all.</exception>
    public long ReadTo(IPartitionReader reader, Dictionary<PartitionId, (long From, long High)> ranges, RecordAction action)
    {
        reader.Assign(ranges.ToDictionary(r => r.Key, r => r.Value.From));
        List<PartitionId> open = [.. ranges.Where(r => r.Value.From < r.Value.High).Select(r => r.Key)];
        long count = 0, logged = time.GetTimestamp();
        // Offsets, not records: aborted ones and markers are never shown, so the count ends below this.
        progress.BeginRestore(ranges.Sum(r => Math.Max(0, r.Value.High - r.Value.From)));
        while (open.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            progress.MarkAlive(time.GetTimestamp());
            bool found = reader.TryPoll(PollWait, out StreamRecord record);
            if (found)
            {
                action(record);
                count++;
                progress.CountRestored();
            }
            if (time.GetElapsedTime(logged) >= LogInterval)
            {
                logged = time.GetTimestamp();
                log.LogInformation("{Service} restores: {Count} of about {Total} records", service, progress.Restored, progress.RestoreTotal);
            }
            // A position costs a call into the client; it is only asked for where the end is near.
            if (found && record.Offset + 2 < ranges[new PartitionId(record.Topic, record.Partition)].High) continue;
            open.RemoveAll(p => reader.Position(p) >= ranges[p].High);
        }
        progress.EndRestore();
        return count;
    }
}
