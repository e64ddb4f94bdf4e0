using System.Globalization;
using Pipeline.Ingest.Bridge.LineProtocol;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Receiver;

/// <summary>Bodies of line protocol as records: the lines of a machine together, in their order. Lines that are wrong are left out and told.</summary>
internal sealed class LineIntake
{
    private readonly Dictionary<string, MemoryStream> open = new(StringComparer.Ordinal);
    private readonly List<ForeignRecord> records = [];

    private LineIntake()
    {
    }

    /// <summary>Lines that are right.</summary>
    public IReadOnlyList<ForeignRecord> Records => records;

    /// <summary>Lines that are wrong.</summary>
    public int Dropped { get; private set; }

    /// <summary>What is wrong with the first of them; null: all are right.</summary>
    public string? FirstError { get; private set; }

    public static LineIntake Divide(ReadOnlySpan<byte> body, int recordBytesMax)
    {
        LineIntake intake = new();
        LineProtocolDecoder decoder = new();
        List<MetricPoint> points = [];
        for (int number = 1; !body.IsEmpty; number++)
        {
            if (!LineProtocolDecoder.TryCut(ref body, out ReadOnlySpan<byte> line)) continue;
            line = line.TrimEnd(" \t"u8);
            points.Clear();
            try
            {
                if (line.Length >= recordBytesMax) throw new BadRecordException($"a line of {line.Length} bytes; fewer than {recordBytesMax} are allowed");
                // A line without a time has its record's; any will do to look at it.
                decoder.DecodeLine(line, 0, points);
            }
            catch (BadRecordException e)
            {
                intake.Dropped++;
                intake.FirstError ??= string.Create(CultureInfo.InvariantCulture, $"line {number}: {e.Message}");
                continue;
            }
            intake.Add(points[0].Series.Host ?? "", line, recordBytesMax);
        }
        foreach ((string host, MemoryStream lines) in intake.open) intake.Close(host, lines);
        return intake;
    }

    private void Add(string host, ReadOnlySpan<byte> line, int recordBytesMax)
    {
        if (!open.TryGetValue(host, out MemoryStream? lines)) open[host] = lines = new MemoryStream();
        if (lines.Length + line.Length + 1 > recordBytesMax) Close(host, lines);
        lines.Write(line);
        lines.WriteByte((byte)'\n');
    }

    private void Close(string host, MemoryStream lines)
    {
        if (lines.Length == 0) return;
        records.Add(new ForeignRecord(host, lines.ToArray()));
        lines.SetLength(0);
    }
}
