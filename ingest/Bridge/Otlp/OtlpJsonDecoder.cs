using System.Text;
using Google.Protobuf;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>
/// OTLP metrics as JSON (OpenTelemetry protocol specification, "JSON Protobuf Encoding"): Protocol Buffers' JSON mapping, 64-bit integers as
/// text or numbers, enums as numbers or names, unknown members passed over.
/// </summary>
public sealed class OtlpJsonDecoder : IPointDecoder
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points) => OtlpPoints.Add(Parse(value), points);

    /// <exception cref="BadRecordException">It is not OTLP as JSON.</exception>
    public static MetricsData Parse(ReadOnlySpan<byte> value)
    {
        try
        {
            return Parser.Parse<MetricsData>(Encoding.UTF8.GetString(value));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new BadRecordException($"not OTLP metrics as JSON: {e.Message}", e);
        }
    }
}
