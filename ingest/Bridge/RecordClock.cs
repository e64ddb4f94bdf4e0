namespace Pipeline.Ingest.Bridge;

/// <summary>
/// The time of a partition by its records' timestamps. Those are their senders', and one machine whose clock is wrong must not close what is open
/// of all others: who is far from the rest is believed only when nobody says anything else for long, as after a pause.
/// </summary>
internal sealed class RecordClock
{
    /// <summary>So far apart are clocks that go right, and records that are late.</summary>
    private const long FarMs = 60_000;

    /// <summary>More records in a row than one machine sends at a time.</summary>
    private const int Believed = 1000;

    private long? nowUnixMs;
    private int far;

    /// <summary>Takes a record's timestamp and says what time it is, Unix milliseconds.</summary>
    public long Take(long recordUnixMs)
    {
        long now = nowUnixMs ?? recordUnixMs;
        if (Math.Abs(recordUnixMs - now) <= FarMs) now = Math.Max(now, recordUnixMs);
        else if (++far >= Believed) now = recordUnixMs;
        else return now;
        far = 0;
        nowUnixMs = now;
        return now;
    }
}
