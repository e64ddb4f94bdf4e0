using System.Diagnostics.Metrics;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary>The points of foreign records; what cannot be read goes to the dead letters.</summary>
internal sealed class RecordPoints(BridgeOptions options)
{
    private static readonly Counter<long> Decoded = BridgeProcessor.Meter.CreateCounter<long>("bridge.points", description: "Points decoded");
    private static readonly Counter<long> Nameless = BridgeProcessor.Meter.CreateCounter<long>("bridge.points_nameless", description: "Points of which nothing says whose they are");

    private readonly IPointDecoder decoder = AgentFormats.Decoder(options.Format, options.GraphitePrefix);
    private readonly List<MetricPoint> points = [];

    /// <summary>The points of a record, until the next one is read; none where it was put aside.</summary>
    public List<MetricPoint> Of(in StreamRecord record, IOutput output)
    {
        points.Clear();
        try
        {
            decoder.Decode(record.Value, record.TimestampUnixMs, points);
        }
        catch (BadRecordException e)
        {
            PutAside(record, e.Message, output);
            return points;
        }
        Decoded.Add(points.Count);
        string? last = null;
        foreach (MetricPoint point in points)
        {
            // A record's points are mostly one machine's.
            if (HostNames.Of(point.Series, record) is not { } host || ReferenceEquals(host, last)) continue;
            last = host;
            if (Bounds.Name("host", host) is not { } wrong) continue;
            PutAside(record, wrong, output);
            break;
        }
        return points;
    }

    public void PutAside(in StreamRecord record, string reason, IOutput output)
    {
        points.Clear();
        output.DeadLetter(record, reason);
    }

    /// <summary>Whose a point is; null, and counted: nothing says so.</summary>
    public static string? HostOf(in MetricPoint point, in StreamRecord record)
    {
        string? host = HostNames.Of(point.Series, record);
        if (host is null) Nameless.Add(1);
        return host;
    }

    public string CellOf(PointSeries series)
    {
        if (options.CellAttribute.Length == 0) return options.Cell;
        string cell = series.Attribute(options.CellAttribute);
        if (cell.Length == 0) cell = AttributeText.Of(series.Resource.FirstOrDefault(a => a.Key == options.CellAttribute).Value);
        return cell.Length > 0 && Bounds.Name("cell", cell) is null ? cell : options.Cell;
    }
}
