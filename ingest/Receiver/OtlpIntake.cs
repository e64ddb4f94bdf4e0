using System.Text;
using Google.Protobuf;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Receiver;

/// <summary>OTLP requests as records: one for each resource, so that each is one machine's.</summary>
internal static class OtlpIntake
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <exception cref="BadRecordException">It is no OTLP.</exception>
    public static MetricsData Parse(byte[] body, bool json)
    {
        try
        {
            return json ? Json.Parse<MetricsData>(Encoding.UTF8.GetString(body)) : MetricsData.Parser.ParseFrom(body);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw new BadRecordException($"not OTLP metrics: {e.Message}", e);
        }
    }

    /// <summary>A resource without a metric is nothing to keep.</summary>
    /// <exception cref="BadRecordException">It is against the protocol.</exception>
    /// <exception cref="TooLargeException">One resource is more than a record may be.</exception>
    public static List<ForeignRecord> Divide(MetricsData data, int recordBytesMax)
    {
        List<ForeignRecord> records = [];
        List<MetricPoint> points = [];
        foreach (ResourceMetrics resource in data.ResourceMetrics)
        {
            MetricsData alone = new() { ResourceMetrics = { resource } };
            // What the bridge would refuse is better refused while its sender listens.
            OtlpPoints.Add(alone, points);
            if (resource.ScopeMetrics.All(s => s.Metrics.Count == 0)) continue;
            byte[] value = alone.ToByteArray();
            if (value.Length > recordBytesMax) throw new TooLargeException($"a resource's metrics take {value.Length} bytes; at most {recordBytesMax} are allowed: let the exporter send smaller batches");
            records.Add(new ForeignRecord(new OtlpResource(resource.Resource).HostName ?? "", value));
            points.Clear();
        }
        return records;
    }
}
