namespace Pipeline.Infra.Streaming;

/// <summary>Reads partitions that it is told to, in no group.</summary>
public interface IPartitionReader : IDisposable
{
    /// <summary>All partitions of a topic.</summary>
    IReadOnlyList<PartitionId> PartitionsOf(string topic);

    /// <summary>First offset there is, and the high watermark: one past the last record, committed or not.</summary>
    (long Low, long High) Watermarks(PartitionId partition);

    /// <summary>Offset of the first record with this timestamp or later; the high watermark where there is none.</summary>
    long OffsetAt(PartitionId partition, DateTimeOffset time);

    /// <summary>Reads these partitions from these offsets on, instead of what was read before.</summary>
    void Assign(IReadOnlyDictionary<PartitionId, long> offsets);

    /// <summary>The next record of any of the partitions, waiting for it at most so long.</summary>
    bool TryPoll(TimeSpan wait, out StreamRecord record);

    /// <summary>One past the last offset read of a partition, records that are not shown (aborted, control) counted.</summary>
    long Position(PartitionId partition);
}
