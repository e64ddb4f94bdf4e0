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
            points.RemoveRange(before, points.Count - before);
            OtlpPoints.Add(MetricsData.Parser.ParseFrom(value), points);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadRecordException($"not OTLP metrics: {e.Message}", e);
        }
    }
}
