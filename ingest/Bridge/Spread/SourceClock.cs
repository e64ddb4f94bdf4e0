namespace Pipeline.Ingest.Bridge.Spread;

/// <summary>
/// Up to which timestamp all records of a foreign topic have been seen that say something of the machines here: the least over its partitions.
/// A partition that says nothing for long is not waited for, else one without agents would hold up everybody. How long is counted by the
/// time in which others do say something, so that a pause of all of them (a restart) counts for nobody.
/// <code>
///   unknown ──(every partition was heard, or time has passed)──► the least of those that are not silent
/// </code>
/// </summary>
/// <param name="partitions">Partitions of the foreign topic.</param>
/// <param name="patience">A silent partition is waited for so long.</param>
internal sealed class SourceClock(int partitions, TimeSpan patience)
{
    /// <summary>A longer time without any record is a pause.</summary>
    private const long PauseMs = 1000;

    /// <summary>At the beginning of the topic it is not known which partitions say anything; those that do are heard of within this time.</summary>
    private const long StartMs = 10_000;

    private readonly Dictionary<int, Heard> heard = [];
    private readonly Queue<(long Offset, long ActiveMs)> marks = [];
    private readonly long patienceMs = (long)patience.TotalMilliseconds;
    private long activeMs, lastMs, startMs, markedMs;

    /// <summary>
    /// From this offset on records have to be fed again to come to the same clock: where every partition is heard again, or the time that a
    /// silent one is waited for has passed.
    /// </summary>
    public long FirstOffset =>
        heard.Values.Count(IsAwaited) == partitions ? heard.Values.Min(h => h.Offset)
        : marks.TryPeek(out (long Offset, long ActiveMs) mark) ? mark.Offset
        : long.MaxValue;

    /// <summary>Takes a record.</summary>
    /// <param name="partition">Of the foreign topic.</param>
    /// <param name="recordUnixMs">Timestamp of the foreign record.</param>
    /// <param name="forwardedUnixMs">When it was forwarded.</param>
    /// <param name="offset">Where it stands among those that were forwarded.</param>
    /// <returns>Up to when all is there, Unix milliseconds; null: not known yet.</returns>
    public long? Take(int partition, long recordUnixMs, long forwardedUnixMs, long offset)
    {
        // Anywhere else than at the beginning a partition may have been heard just before.
        if (marks.Count == 0) (lastMs, startMs) = (forwardedUnixMs, offset == 0 ? StartMs : patienceMs);
        activeMs += Math.Clamp(forwardedUnixMs - lastMs, 0, PauseMs);
        lastMs = Math.Max(lastMs, forwardedUnixMs);
        Mark(offset);
        heard[partition] = new Heard(recordUnixMs, activeMs, offset);
        if (heard.Count < partitions && activeMs < startMs) return null;
        long least = long.MaxValue;
        foreach (Heard one in heard.Values)
            if (IsAwaited(one)) least = Math.Min(least, one.RecordUnixMs);
        return least;
    }

    /// <summary>Keeps a place a second, back to the one from which the patience has passed.</summary>
    private void Mark(long offset)
    {
        if (marks.Count > 0 && activeMs - markedMs < PauseMs) return;
        marks.Enqueue((offset, activeMs));
        markedMs = activeMs;
        while (marks.Count > 1 && marks.ElementAt(1).ActiveMs <= activeMs - patienceMs) marks.Dequeue();
    }

    private bool IsAwaited(Heard one) => activeMs - one.ActiveMs <= patienceMs;

    private readonly record struct Heard(long RecordUnixMs, long ActiveMs, long Offset);
}
