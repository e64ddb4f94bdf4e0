using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;

namespace Pipeline.Ingest.Agent.Spool;

/// <summary>
/// An agent's reports on disk until the cluster has them, and the sequence numbers. Every report is appended before it is sent; that the
/// cluster has it is appended too. So the files alone say what waits and which number comes next, wherever the process was killed.
/// <code>
///   Append ──► waiting ──► Settle: the cluster has it
///                 └──────► dropped: no room, too old, or damaged on disk
/// </code>
/// Not for several threads at a time.
/// </summary>
public sealed class ReportSpool : IDisposable
{
    private readonly SpoolOptions options;
    private readonly ILogger logger;
    private readonly FileStream held;
    private readonly List<SpoolSegment> segments;
    private readonly SortedDictionary<ulong, SpoolEntry> waiting;
    private bool failing;

    /// <exception cref="UserException">The folder cannot be used, or another agent uses it.</exception>
    public ReportSpool(SpoolOptions options, ILogger logger)
    {
        (this.options, this.logger) = (options, logger);
        held = Hold(options.Folder);
        try
        {
            segments = SpoolSegment.OpenAll(options.Folder);
            SpoolScan scan = new();
            for (int i = 0; i < segments.Count; i++) scan.Read(segments[i], last: i + 1 == segments.Count);
            (waiting, NextSequence, Dropped) = (scan.Waiting, scan.Next, scan.Dropped);
            if (segments.Count == 0) Rotate();
            else segments[^1].Cut(scan.Whole);
            Mend(scan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new UserException($"the spool {options.Folder} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The number of the next report; the first of all is 1.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Reports given up since the spool was made.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>Reports that wait.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Size of all files.</summary>
    public long Bytes => segments.Sum(s => s.Length);

    /// <summary>Whether this report waits here.</summary>
    public bool Holds(ulong sequence) => waiting.ContainsKey(sequence);

    /// <summary>Keeps the next report, before it is sent.</summary>
    /// <returns>Whether it is on disk. If not (a full disk), it has its number all the same, and whoever sends it has to say what became of it.</returns>
    public bool Append(SpooledReport report)
    {
        if (report.Sequence != NextSequence) throw new ArgumentException($"report {report.Sequence} does not follow on {NextSequence - 1}", nameof(report));
        byte[] record = RecordFormat.Report(report.Sequence, report.TimeMs, report.Key, report.Value);
        bool kept = Try(() =>
        {
            MakeRoom(record.Length);
            if (segments[^1].Length >= options.SegmentBytes) Rotate();
            long at = segments[^1].Append(record, options.Sync);
            waiting[report.Sequence] = new SpoolEntry(segments[^1], at, record.Length, report.TimeMs);
            segments[^1].Waiting++;
        });
        NextSequence++;
        return kept;
    }

    /// <summary>The cluster has this report.</summary>
    public void Settle(ulong sequence)
    {
        Remove(sequence);
        Try(() => segments[^1].Append(RecordFormat.Numbers(RecordKind.Settled, sequence, sequence), sync: false));
        DropEmpty();
    }

    /// <summary>Gives up a report that is on no disk and was not delivered.</summary>
    public void Lose(ulong sequence) => Drop(sequence, sequence, 1);

    /// <summary>Gives up what is older than allowed.</summary>
    /// <param name="nowMs">Unix milliseconds.</param>
    public void DropOld(long nowMs)
    {
        long least = nowMs - (long)options.AgeMax.TotalMilliseconds;
        ulong first = 0, last = 0, count = 0;
        foreach ((ulong sequence, SpoolEntry entry) in waiting)
        {
            if (entry.TimeMs >= least) break;
            if (count++ == 0) first = sequence;
            last = sequence;
        }
        if (count == 0) return;
        logger.LogWarning("{Count} reports are older than {Age} and are given up", count, options.AgeMax);
        Drop(first, last, count);
        DropEmpty();
    }

    /// <summary>The oldest reports that wait and that the caller wants, in order.</summary>
    public IEnumerable<SpooledReport> Oldest(int count, Predicate<ulong> wants)
    {
        foreach ((ulong sequence, SpoolEntry entry) in waiting.Where(w => wants(w.Key)).Take(count).ToArray())
        {
            byte[] record = entry.Segment.Read(entry.Offset, entry.Length);
            if (RecordFormat.TryRead(record, out _, out ReadOnlySpan<byte> body)) yield return Decode(body);
            else Drop(sequence, sequence, 1);
        }
    }

    public void Dispose()
    {
        foreach (SpoolSegment segment in segments ?? []) segment.Dispose();
        held.Dispose();
    }

    private static SpooledReport Decode(ReadOnlySpan<byte> body)
    {
        int key = BinaryPrimitives.ReadUInt16LittleEndian(body[16..]);
        ReadOnlySpan<byte> rest = body[RecordFormat.ReportHeadBytes..];
        return new SpooledReport(BinaryPrimitives.ReadUInt64LittleEndian(body), BinaryPrimitives.ReadInt64LittleEndian(body[8..]), Encoding.UTF8.GetString(rest[..key]), rest[key..].ToArray());
    }

    private static FileStream Hold(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UserException($"the spool {folder} cannot be used: {e.Message} Give --spool a folder that the agent's user may write to", e);
        }
        catch (IOException e)
        {
            throw new UserException($"the spool {folder} cannot be used: {e.Message} Does another agent use it? Each needs a folder of its own", e);
        }
    }

    /// <summary>What is damaged is given up, and written down as such.</summary>
    private void Mend(SpoolScan scan)
    {
        if (scan.DamagedBytes > 0) logger.LogWarning("the spool {Folder} has {Bytes} damaged bytes, which are passed over", options.Folder, scan.DamagedBytes);
        if (scan.Missing.Count == 0) return;
        logger.LogWarning("{Count} reports are damaged and given up", scan.Missing.Count);
        foreach (ulong number in scan.Missing) Drop(number, number, 1);
        DropEmpty();
    }

    private void MakeRoom(int bytes)
    {
        while (Bytes + bytes > options.BytesMax && (segments.Count > 1 || segments[0].Waiting > 0))
        {
            if (segments.Count == 1) Rotate();
            SpoolSegment oldest = segments[0];
            ulong[] gone = [.. waiting.TakeWhile(w => w.Value.Segment == oldest).Select(w => w.Key)];
            if (gone.Length > 0)
            {
                logger.LogWarning("the spool is full ({Bytes} bytes): the {Count} oldest reports are given up", Bytes, gone.Length);
                Drop(gone[0], gone[^1], (ulong)gone.Length);
            }
            segments.RemoveAt(0);
            oldest.Delete();
        }
    }

    private void Drop(ulong first, ulong last, ulong count)
    {
        for (ulong number = first; number <= last; number++) Remove(number);
        Dropped += count;
        Try(() => segments[^1].Append(RecordFormat.Numbers(RecordKind.Dropped, first, last, Dropped), sync: false));
    }

    private void Remove(ulong sequence)
    {
        if (waiting.Remove(sequence, out SpoolEntry? entry)) entry.Segment.Waiting--;
    }

    /// <summary>Oldest first: what a file says of the files before it is needed as long as they are there.</summary>
    private void DropEmpty()
    {
        while (segments.Count > 1 && segments[0].Waiting == 0)
        {
            segments[0].Delete();
            segments.RemoveAt(0);
        }
        // One that has grown with nothing in it that waits begins anew.
        if (segments is not [{ Waiting: 0 } only] || only.Length < options.SegmentBytes || only.First == NextSequence) return;
        Try(Rotate);
        if (segments.Count == 1) return;
        only.Delete();
        segments.RemoveAt(0);
    }

    private void Rotate()
    {
        // A file that holds no report yet has the name that the next one would get.
        if (segments.Count > 0 && segments[^1].First == NextSequence) return;
        SpoolSegment next = SpoolSegment.Create(options.Folder, NextSequence);
        segments.Add(next);
        byte[] state = RecordFormat.Numbers(RecordKind.State, NextSequence, Dropped);
        next.Append([.. state, .. state], options.Sync);
    }

    /// <summary>A disk that fails is logged when it begins and when it ends to.</summary>
    private bool Try(Action write)
    {
        try
        {
            write();
            if (failing) logger.LogInformation("the spool {Folder} can be written again", options.Folder);
            failing = false;
            return true;
        }
        catch (IOException e)
        {
            if (!failing) logger.LogError("the spool {Folder} cannot be written, reports wait in memory only: {Reason}", options.Folder, e.Message);
            failing = true;
            return false;
        }
    }
}
