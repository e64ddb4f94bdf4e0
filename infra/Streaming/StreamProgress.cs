namespace Pipeline.Infra.Streaming;

/// <summary>
/// Where the loop is at this moment: what a health probe asks. Written by the loop's thread, read by any.
/// <code>
///             group joined, partitions restored, global topics read
///   starting ──────────────────────────────────────────────────────► ready
///      ▲ ▲                                                            │ │
///      │ └──────────────── a partition comes: restoring ──────────────┘ │
///      └────────────────── a client failed ─────────────────────────────┘
/// </code>
/// </summary>
public sealed class StreamProgress
{
    private long alive, restored, restoreTotal, lives;
    private int restoring, ready;

    /// <summary>Time stamp (of the loop's clock) of the last sign of life; 0 before the first.</summary>
    public long AliveAt => Interlocked.Read(ref alive);

    /// <summary>All assigned partitions are restored and the global topics are read.</summary>
    public bool IsReady => Volatile.Read(ref ready) == 1;

    /// <summary>State is being read right now.</summary>
    public bool IsRestoring => Volatile.Read(ref restoring) == 1;

    /// <summary>Records read so far by the restore that is under way, or by the last one.</summary>
    public long Restored => Interlocked.Read(ref restored);

    /// <summary>Offsets that the restore has to pass: at least its records, a little more where transactions left markers.</summary>
    public long RestoreTotal => Interlocked.Read(ref restoreTotal);

    /// <summary>Lives that were begun.</summary>
    public long Lives => Interlocked.Read(ref lives);

    internal void BeginLife()
    {
        Interlocked.Increment(ref lives);
        Volatile.Write(ref restoring, 0);
        SetReady(false);
    }

    internal void MarkAlive(long timestamp) => Interlocked.Exchange(ref alive, timestamp);

    internal void SetReady(bool value) => Volatile.Write(ref ready, value ? 1 : 0);

    internal void BeginRestore(long total)
    {
        Interlocked.Exchange(ref restored, 0);
        Interlocked.Exchange(ref restoreTotal, total);
        Volatile.Write(ref restoring, 1);
    }

    internal void CountRestored() => Interlocked.Increment(ref restored);

    internal void EndRestore() => Volatile.Write(ref restoring, 0);
}
