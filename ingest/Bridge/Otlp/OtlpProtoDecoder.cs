using Google.Protobuf;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>OTLP metrics as protobuf (OpenTelemetry protocol specification 1.9: ExportMetricsServiceRequest and MetricsData are alike on the wire).</summary>
public sealed class OtlpProtoDecoder : IPointDecoder
{
    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        try
        {
            OtlpPoints.Add(MetricsData.Parser.ParseFrom(value), points);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BadRecordException($"not OTLP metrics: {e.Message}", e);
        }
    }
}
