namespace Pipeline.Infra.Streaming;

/// <summary>What a topic holds now, for commands.</summary>
public static class TopicContents
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The records of all partitions up to the high watermarks of now; an open transaction before these is waited for.</summary>
    /// <param name="reader">Is assigned the topic's partitions.</param>
    /// <param name="topic">Its name.</param>
    /// <param name="from">From this record timestamp on; null: from the beginning.</param>
    /// <param name="cancel">Ends it at once.</param>
    public static IEnumerable<StreamRecord> Read(IPartitionReader reader, string topic, DateTimeOffset? from, CancellationToken cancel)
    {
        Dictionary<PartitionId, (long From, long High)> ranges = reader.PartitionsOf(topic).ToDictionary(p => p, p =>
        {
            (long low, long high) = reader.Watermarks(p);
            return (from is { } time ? reader.OffsetAt(p, time) : low, high);
        });
        reader.Assign(ranges.ToDictionary(r => r.Key, r => r.Value.From));
        List<PartitionId> open = [.. ranges.Where(r => r.Value.From < r.Value.High).Select(r => r.Key)];
        while (open.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            if (reader.TryPoll(PollWait, out StreamRecord record))
            {
                yield return record;
                // A position costs a call into the client; it is only asked for where the end is near.
                if (record.Offset + 2 < ranges[new PartitionId(record.Topic, record.Partition)].High) continue;
            }
            open.RemoveAll(p => reader.Position(p) >= ranges[p].High);
        }
    }
}
