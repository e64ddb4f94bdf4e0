using Google.Protobuf;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>OTLP metrics as protobuf (OpenTelemetry protocol specification 1.9: ExportMetricsServiceRequest and MetricsData are alike on the wire).</summary>
public sealed class OtlpProtoDecoder : IPointDecoder
{
    private readonly OtlpReader reader = new();

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        int before = points.Count;
        try
        {
            if (reader.TryRead(value, points)) return;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Broken(e);
        }
        points.RemoveRange(before, points.Count - before);
        OtlpPoints.Add(Parse(value), points);
    }

    /// <summary>By Google.Protobuf's classes.</summary>
    /// <exception cref="BadRecordException">It is not OTLP.</exception>
    public static MetricsData Parse(ReadOnlySpan<byte> value)
    {
        try
        {
            return MetricsData.Parser.ParseFrom(value);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Broken(e);
        }
    }

    private static BadRecordException Broken(InvalidProtocolBufferException e) => new($"not OTLP metrics: {e.Message}", e);
}
