using Google.Protobuf;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay.Foreign;

/// <summary>
/// The OpenTelemetry Collector's Kafka exporter with encoding otlp_proto: an ExportMetricsServiceRequest a report (opentelemetry-proto 1.x,
/// metrics/v1/metrics.proto; field numbers below), host.name and cell as attributes of the resource, names of the hostmetrics receiver.
/// </summary>
public sealed class OtlpProtoFormat : IForeignFormat
{
    private const int Cumulative = 2;

    private readonly ByteCounters counters = new();

    public string Topic => "otlp_metrics";

    public IEnumerable<(string? Key, byte[] Value)> Encode(VmReport report)
    {
        ByteCounters now = counters.After(report);
        Signals own = report.Own;
        Moment at = new((ulong)report.TimeUnixMs * 1_000_000, (ulong)now.SinceMs * 1_000_000);
        List<byte[]> metrics = [Sum("system.cpu.logical.count", "{cpu}", false, Point(at, whole: (long)Math.Max(1, Math.Round(report.Cores)))), Sum("system.memory.limit", "By", false, Point(at, whole: (long)report.MemoryBytes))];
        if (own.HasCpuUtilization) metrics.Add(Gauge("system.cpu.utilization", "1", [.. CpuPoints(report, at)]));
        if (own.HasMemoryUtilization)
            metrics.Add(Gauge("system.memory.utilization", "1", Point(at, own.MemoryUtilization, null, ("state", "used")), Point(at, 1.0 - own.MemoryUtilization, null, ("state", "free"))));
        if (own.HasDiskRead || own.HasDiskWrite)
            metrics.Add(Sum("system.disk.io", "By", true, Point(at, 0, now.DiskRead, ("device", "vda"), ("direction", "read")), Point(at, 0, now.DiskWrite, ("device", "vda"), ("direction", "write"))));
        if (own.HasNetworkReceive || own.HasNetworkTransmit)
            metrics.Add(Sum("system.network.io", "By", true, Point(at, 0, now.NetworkReceive, ("device", "eth0"), ("direction", "receive")), Point(at, 0, now.NetworkTransmit, ("device", "eth0"), ("direction", "transmit"))));
        if (own.HasLoad1M) metrics.Add(Gauge("system.cpu.load_average.1m", "{thread}", Point(at, own.Load1M)));
        byte[] resource = Message(o => Nested(o, 1, Attribute("host.name", report.Vm), Attribute("cell", report.Cell)));
        byte[] scope = Message(o => Text(o, 1, "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver"));
        byte[] scopeMetrics = Message(o =>
        {
            Nested(o, 1, scope);
            Nested(o, 2, [.. metrics]);
        });
        byte[] resourceMetrics = Message(o =>
        {
            Nested(o, 1, resource);
            Nested(o, 2, scopeMetrics);
        });
        return [(null, Message(o => Nested(o, 1, resourceMetrics)))];
    }

    private static IEnumerable<byte[]> CpuPoints(VmReport report, Moment at)
    {
        double busy = Math.Min(1.0, report.Own.CpuUtilization), steal = Math.Min(busy, report.Own.CpuSteal), wait = Math.Min(1 - busy, report.Own.CpuIowait);
        for (int cpu = 0; cpu < Math.Max(1, (int)Math.Round(report.Cores)); cpu++)
        {
            string name = FormattableString.Invariant($"cpu{cpu}");
            yield return Point(at, busy - steal, null, ("cpu", name), ("state", "user"));
            yield return Point(at, steal, null, ("cpu", name), ("state", "steal"));
            yield return Point(at, wait, null, ("cpu", name), ("state", "wait"));
            yield return Point(at, 1 - busy - wait, null, ("cpu", name), ("state", "idle"));
        }
    }

    /// <summary>Metric: name 1, unit 3, gauge 5 with data_points 1.</summary>
    private static byte[] Gauge(string name, string unit, params byte[][] points) => Message(o =>
    {
        Text(o, 1, name);
        Text(o, 3, unit);
        Nested(o, 5, Message(g => Nested(g, 1, points)));
    });

    /// <summary>Metric: sum 7 with data_points 1, aggregation_temporality 2, is_monotonic 3.</summary>
    private static byte[] Sum(string name, string unit, bool monotonic, params byte[][] points) => Message(o =>
    {
        Text(o, 1, name);
        Text(o, 3, unit);
        Nested(o, 7, Message(s =>
        {
            Nested(s, 1, points);
            s.WriteTag(2, WireFormat.WireType.Varint);
            s.WriteEnum(Cumulative);
            if (!monotonic) return;
            s.WriteTag(3, WireFormat.WireType.Varint);
            s.WriteBool(true);
        }));
    });

    /// <summary>NumberDataPoint: start 2, time 3, as_double 4 or as_int 6, attributes 7.</summary>
    private static byte[] Point(Moment at, double value = 0, long? whole = null, params (string Key, string Value)[] attributes) => Message(o =>
    {
        o.WriteTag(2, WireFormat.WireType.Fixed64);
        o.WriteFixed64(at.StartNs);
        o.WriteTag(3, WireFormat.WireType.Fixed64);
        o.WriteFixed64(at.TimeNs);
        o.WriteTag(whole is null ? 4 : 6, WireFormat.WireType.Fixed64);
        if (whole is { } number) o.WriteSFixed64(number);
        else o.WriteDouble(value);
        Nested(o, 7, [.. attributes.Select(a => Attribute(a.Key, a.Value))]);
    });

    /// <summary>KeyValue: key 1, value 2 with string_value 1.</summary>
    private static byte[] Attribute(string key, string value) => Message(o =>
    {
        Text(o, 1, key);
        Nested(o, 2, Message(v => Text(v, 1, value)));
    });

    private static void Text(CodedOutputStream output, int field, string text)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Nested(CodedOutputStream output, int field, params byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(message));
        }
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    private readonly record struct Moment(ulong TimeNs, ulong StartNs);
}
