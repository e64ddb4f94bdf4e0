using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>Reads partitions up to the high watermark that they had when asked, and tells how far it is. A cancellation ends it at once.</summary>
internal sealed class StateReader(string service, StreamProgress progress, ILogger log, TimeProvider time, CancellationToken cancel)
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    /// <summary>No broker keeps a transaction open for longer, by transaction.timeout.ms of our producers and some time to look.</summary>
    private static readonly TimeSpan HeldUpAfter = TimeSpan.FromSeconds(90);

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
        long count = 0, began = time.GetTimestamp(), logged = began, newest = began;
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
                newest = time.GetTimestamp();
                count++;
                progress.CountRestored();
            }
            if (time.GetElapsedTime(logged) >= LogInterval)
            {
                logged = time.GetTimestamp();
                log.LogInformation("{Service} restores: {Count} of about {Total} records", service, progress.Restored, progress.RestoreTotal);
                if (time.GetElapsedTime(newest) >= HeldUpAfter) WarnHeldUp(reader, open);
            }
            // A position costs a call into the client; it is only asked for where the end is near.
            if (found && record.Offset + 2 < ranges[new PartitionId(record.Topic, record.Partition)].High) continue;
            open.RemoveAll(p => reader.Position(p) >= ranges[p].High);
        }
        progress.EndRestore();
        return count;
    }

    /// <summary>What comes behind an open transaction is shown to nobody until it ends. One that its coordinator has forgotten never does.</summary>
    private void WarnHeldUp(IPartitionReader reader, List<PartitionId> open)
    {
        PartitionId first = open[0];
        log.LogWarning(
            "{Service} waits for {Partition} at offset {Offset}: a transaction is open there. If it stays so for longer than transaction.timeout.ms of its producer, find it with 'kafka-transactions.sh describe-producers' and end it with 'kafka-transactions.sh abort', in each partition that it is open in",
            service, first, reader.Position(first));
    }
}
