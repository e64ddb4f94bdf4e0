using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Spread;

/// <summary>
/// Up to which timestamp all records of a foreign topic are here, by the marks of its partitions: the least of them ("watermark"; Akidau et al.,
/// The Dataflow Model, VLDB 2015). A partition that is idle is not waited for, nor one that says nothing for long, else one without agents
/// would hold up everybody. How long is counted by the time in which others do say something, so that a pause of all of them (a restart) counts for nobody.
/// <code>
///   unknown ──(every partition was heard, or time has passed)──► the least of those that are waited for
/// </code>
/// </summary>
/// <param name="partitions">Partitions of the foreign topic.</param>
/// <param name="options">How long a silent partition is waited for.</param>
internal sealed class SourceClock(int partitions, BridgeOptions options)
{
    /// <summary>A longer time without any mark is a pause.</summary>
    private const long PauseMs = 1000;

    /// <summary>At the beginning of the topic it is not known which partitions say anything; those that do are heard of within this time.</summary>
    private const long StartMs = 10_000;

    private readonly Dictionary<int, Heard> heard = [];
    private readonly Queue<(long Offset, long ActiveMs)> places = [];
    private readonly long patienceMs = (long)options.Patience.TotalMilliseconds;
    private long activeMs, lastMs, startMs, placedMs, newestUnixMs;

    /// <summary>From this offset on marks have to be fed again to come to the same clock: from there the time has passed that a silent partition is waited for.</summary>
    public long FirstOffset => places.TryPeek(out (long Offset, long ActiveMs) place) ? place.Offset : long.MaxValue;

    /// <summary>Takes a mark.</summary>
    /// <param name="mark">Of a partition of the foreign topic.</param>
    /// <param name="forwardedUnixMs">When it was made.</param>
    /// <param name="offset">Where it stands among what was forwarded.</param>
    /// <returns>Up to when all is here, Unix milliseconds; null: not known yet.</returns>
    public long? Take(MachinePoints mark, long forwardedUnixMs, long offset)
    {
        // Anywhere else than at the beginning a partition may have been heard just before.
        if (places.Count == 0) (lastMs, startMs) = (forwardedUnixMs, offset == 0 ? StartMs : patienceMs);
        activeMs += Math.Clamp(forwardedUnixMs - lastMs, 0, PauseMs);
        lastMs = Math.Max(lastMs, forwardedUnixMs);
        Place(offset);
        // Timestamps are their senders', and a clock may be wrong; but nothing comes from the future.
        long recordUnixMs = Math.Min(mark.RecordUnixMs, forwardedUnixMs);
        newestUnixMs = Math.Max(newestUnixMs, recordUnixMs);
        heard[(int)mark.Partition] = new Heard(recordUnixMs, activeMs, mark.Idle);
        if (heard.Count < partitions && activeMs < startMs) return null;
        long least = long.MaxValue;
        foreach (Heard one in heard.Values)
            if (IsAwaited(one) && !one.Idle) least = Math.Min(least, one.RecordUnixMs);
        // All are idle: what is open has been quiet for long enough.
        return least == long.MaxValue ? newestUnixMs + (long)options.Flush.TotalMilliseconds + 1000 : least;
    }

    /// <summary>Keeps a place a second, back to the one from which the patience has passed.</summary>
    private void Place(long offset)
    {
        if (places.Count > 0 && activeMs - placedMs < PauseMs) return;
        places.Enqueue((offset, activeMs));
        placedMs = activeMs;
        while (places.Count > 1 && places.ElementAt(1).ActiveMs <= activeMs - patienceMs) places.Dequeue();
    }

    private bool IsAwaited(Heard one) => activeMs - one.ActiveMs <= patienceMs;

    private readonly record struct Heard(long RecordUnixMs, long ActiveMs, bool Idle);
}
