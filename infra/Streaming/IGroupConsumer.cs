namespace Pipeline.Infra.Streaming;

/// <summary>A member of a consumer group. Assignments come and go within <see cref="TryPoll"/> and <see cref="IDisposable.Dispose"/>, which leaves the group.</summary>
public interface IGroupConsumer : IDisposable
{
    /// <summary>The next record of an assigned partition, waiting for it at most so long.</summary>
    bool TryPoll(TimeSpan wait, out StreamRecord record);

    /// <summary>Commits offsets (next to read) outside of any transaction: for a group whose outputs are elsewhere, and stored already.</summary>
    void Commit(IReadOnlyDictionary<PartitionId, long> offsets);

    /// <summary>Records known to be in the assigned partitions and not yet polled.</summary>
    long Lag { get; }

    /// <summary>Of one of them.</summary>
    long LagOf(PartitionId partition);
}
