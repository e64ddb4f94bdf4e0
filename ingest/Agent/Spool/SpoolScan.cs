using System.Buffers.Binary;

namespace Pipeline.Ingest.Agent.Spool;

/// <summary>
/// Reads a spool's files and finds what still waits, whatever has happened to their bytes. A record that is not whole is passed over, up to
/// the next one that is; its report, if it was one and is not settled, is missing: its number is not used again.
/// </summary>
internal sealed class SpoolScan
{
    private const ulong MissingMax = 1_000_000;

    private readonly SortedDictionary<ulong, SpoolEntry> waiting = [];
    private readonly SortedSet<ulong> missing = [];
    private bool begun;

    /// <summary>The next sequence number.</summary>
    public ulong Next { get; private set; } = 1;

    /// <summary>Reports given up, the missing ones not among them.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>Reports that wait, by sequence number.</summary>
    public SortedDictionary<ulong, SpoolEntry> Waiting => waiting;

    /// <summary>Numbers whose reports are damaged, and that nobody has acknowledged.</summary>
    public IReadOnlyCollection<ulong> Missing => missing;

    /// <summary>Where the last file's whole records end.</summary>
    public long Whole { get; private set; }

    /// <summary>Bytes that belong to no whole record.</summary>
    public long DamagedBytes { get; private set; }

    public void Read(SpoolSegment segment, bool last)
    {
        if (begun) Reach(segment.First);
        else Next = segment.First;
        begun = true;
        byte[] bytes = segment.ReadAll();
        int at = 0;
        Whole = 0;
        while (at < bytes.Length)
        {
            if (RecordFormat.TryRead(bytes.AsSpan(at), out RecordKind kind, out ReadOnlySpan<byte> body))
            {
                Take(segment, kind, body, at);
                at += RecordFormat.HeadBytes + body.Length;
                Whole = at;
                continue;
            }
            int next = at + 1;
            while (next < bytes.Length && !RecordFormat.TryRead(bytes.AsSpan(next), out _, out _)) next++;
            DamagedBytes += next - at;
            if (next == bytes.Length && last && MayBeReport(bytes.AsSpan(at))) Miss(Next);
            at = next;
        }
    }

    /// <summary>What is at the end may be a report that was sent, and then its number is taken.</summary>
    private static bool MayBeReport(ReadOnlySpan<byte> tail) =>
        tail.Length >= sizeof(uint) && (RecordKind)BinaryPrimitives.ReadUInt32LittleEndian(tail) is not (RecordKind.Settled or RecordKind.Dropped or RecordKind.State);

    private void Take(SpoolSegment segment, RecordKind kind, ReadOnlySpan<byte> body, int at)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(body), second = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]);
        switch (kind)
        {
            case RecordKind.Report:
                Reach(first);
                // A number is given out once: one that is not new was copied here by somebody.
                if (first != Next) return;
                waiting[first] = new SpoolEntry(segment, at, RecordFormat.HeadBytes + body.Length, (long)second);
                segment.Waiting++;
                Next = first + 1;
                break;
            case RecordKind.Settled:
                Remove(first, second);
                break;
            case RecordKind.Dropped:
                Remove(first, second);
                Dropped = Math.Max(Dropped, BinaryPrimitives.ReadUInt64LittleEndian(body[16..]));
                break;
            case RecordKind.State:
                Reach(first);
                Dropped = Math.Max(Dropped, second);
                break;
        }
    }

    private void Remove(ulong first, ulong last)
    {
        missing.GetViewBetween(first, Math.Max(first, last)).Clear();
        ulong[] gone = [.. Between(first, last)];
        foreach (ulong number in gone)
        {
            waiting[number].Segment.Waiting--;
            waiting.Remove(number);
        }
        // A number may be settled that never came to the disk, because the disk was full.
        if (last >= Next && last < ulong.MaxValue) Reach(last + 1, last);
    }

    private IEnumerable<ulong> Between(ulong first, ulong last)
    {
        if (first == last) return waiting.ContainsKey(first) ? [first] : [];
        return waiting.Keys.SkipWhile(n => n < first).TakeWhile(n => n <= last);
    }

    /// <summary>All numbers before this one were given out.</summary>
    private void Reach(ulong next, ulong except = 0)
    {
        // More than fit into any spool: a file of another spool, or one that was long away. They are not missed one by one.
        if (next > Next && next - Next > MissingMax) Next = next;
        while (Next < next) Miss(Next);
        missing.Remove(except);
    }

    private void Miss(ulong number)
    {
        missing.Add(number);
        Next = number + 1;
    }
}
