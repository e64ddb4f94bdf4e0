using Google.Protobuf;
using Pipeline.Ingest.Bridge.Otlp;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Receiver;

/// <summary>OTLP requests as records: one for each resource, so that each is one machine's.</summary>
internal static class OtlpIntake
{
    /// <summary>A resource without a metric is nothing to keep.</summary>
    /// <exception cref="BadRecordException">It is against the protocol.</exception>
    /// <exception cref="TooLargeException">One resource is more than a record may be.</exception>
    public static List<ForeignRecord> Divide(MetricsData data, int recordBytesMax)
    {
        List<ForeignRecord> records = [];
        List<MetricPoint> points = [];
        foreach (ResourceMetrics resource in data.ResourceMetrics)
        {
            OtlpResource sender = new(resource.Resource);
            // What the bridge would refuse is better refused while its sender listens.
            foreach (Metric metric in resource.ScopeMetrics.SelectMany(s => s.Metrics)) OtlpPoints.Add(metric, sender, points);
            if (resource.ScopeMetrics.All(s => s.Metrics.Count == 0)) continue;
            byte[] value = new MetricsData { ResourceMetrics = { resource } }.ToByteArray();
            if (value.Length > recordBytesMax) throw new TooLargeException($"a resource's metrics take {value.Length} bytes; at most {recordBytesMax} are allowed: let the exporter send smaller batches");
            records.Add(new ForeignRecord(sender.HostName ?? "", value));
            points.Clear();
        }
        return records;
    }
}
