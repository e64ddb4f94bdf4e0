using Google.Protobuf;
using Pipeline.Ingest.Otlp;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>
/// The OpenTelemetry Collector's Kafka exporter with encoding otlp_proto: an ExportMetricsServiceRequest a report, host.name and cell as
/// attributes of the resource, names of the hostmetrics receiver.
/// </summary>
public sealed class OtlpProtoFormat : IForeignFormat
{
    private readonly ByteCounters counters = new();

    public string Topic => "otlp_metrics";

    public IEnumerable<(string? Key, byte[] Value)> Encode(VmReport report)
    {
        ByteCounters now = counters.After(report);
        Signals own = report.Own;
        Moment at = new((ulong)report.TimeUnixMs * 1_000_000, (ulong)now.SinceMs * 1_000_000);
        ScopeMetrics scope = new();
        scope.Metrics.Add(Sum("system.cpu.logical.count", "{cpu}", false, Whole(at, (long)Math.Max(1, Math.Round(report.Cores)))));
        scope.Metrics.Add(Sum("system.memory.limit", "By", false, Whole(at, (long)report.MemoryBytes)));
        if (own.HasCpuUtilization) scope.Metrics.Add(Gauge("system.cpu.utilization", "1", [.. CpuPoints(report, at)]));
        if (own.HasMemoryUtilization)
            scope.Metrics.Add(Gauge("system.memory.utilization", "1", Real(at, own.MemoryUtilization, ("state", "used")), Real(at, 1.0 - own.MemoryUtilization, ("state", "free"))));
        if (own.HasDiskRead || own.HasDiskWrite)
            scope.Metrics.Add(Sum("system.disk.io", "By", true, Whole(at, now.DiskRead, ("device", "vda"), ("direction", "read")), Whole(at, now.DiskWrite, ("device", "vda"), ("direction", "write"))));
        if (own.HasNetworkReceive || own.HasNetworkTransmit)
            scope.Metrics.Add(Sum("system.network.io", "By", true, Whole(at, now.NetworkReceive, ("device", "eth0"), ("direction", "receive")), Whole(at, now.NetworkTransmit, ("device", "eth0"), ("direction", "transmit"))));
        if (own.HasLoad1M) scope.Metrics.Add(Gauge("system.cpu.load_average.1m", "{thread}", Real(at, own.Load1M)));
        Resource resource = new() { Attributes = { Attribute("host.name", report.Vm), Attribute("cell", report.Cell) } };
        return [(null, new MetricsData { ResourceMetrics = { new ResourceMetrics { Resource = resource, ScopeMetrics = { scope } } } }.ToByteArray())];
    }

    private static IEnumerable<NumberDataPoint> CpuPoints(VmReport report, Moment at)
    {
        double busy = Math.Min(1.0, report.Own.CpuUtilization), steal = Math.Min(busy, report.Own.CpuSteal), wait = Math.Min(1 - busy, report.Own.CpuIowait);
        for (int cpu = 0; cpu < Math.Max(1, (int)Math.Round(report.Cores)); cpu++)
        {
            string name = FormattableString.Invariant($"cpu{cpu}");
            yield return Real(at, busy - steal, ("cpu", name), ("state", "user"));
            yield return Real(at, steal, ("cpu", name), ("state", "steal"));
            yield return Real(at, wait, ("cpu", name), ("state", "wait"));
            yield return Real(at, 1 - busy - wait, ("cpu", name), ("state", "idle"));
        }
    }

    private static Metric Gauge(string name, string unit, params NumberDataPoint[] points) => new() { Name = name, Unit = unit, Gauge = new Gauge { DataPoints = { points } } };

    private static Metric Sum(string name, string unit, bool monotonic, params NumberDataPoint[] points) =>
        new() { Name = name, Unit = unit, Sum = new Sum { AggregationTemporality = AggregationTemporality.Cumulative, IsMonotonic = monotonic, DataPoints = { points } } };

    private static NumberDataPoint Whole(Moment at, long value, params (string Key, string Value)[] attributes) => Point(at, attributes, p => p.AsInt = value);

    private static NumberDataPoint Real(Moment at, double value, params (string Key, string Value)[] attributes) => Point(at, attributes, p => p.AsDouble = value);

    private static NumberDataPoint Point(Moment at, (string Key, string Value)[] attributes, Action<NumberDataPoint> setValue)
    {
        NumberDataPoint point = new() { StartTimeUnixNano = at.StartNs, TimeUnixNano = at.TimeNs, Attributes = { attributes.Select(a => Attribute(a.Key, a.Value)) } };
        setValue(point);
        return point;
    }

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private readonly record struct Moment(ulong TimeNs, ulong StartNs);
}
