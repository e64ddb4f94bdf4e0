using System.Diagnostics.Metrics;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Bridge.Reports;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary>
/// One partition of a foreign topic: records in, reports out. Pure. Its state is each machine's open scrape and the one before, and comes back by
/// feeding the records since then.
/// </summary>
public sealed class BridgeProcessor(BridgeOptions options) : IProcessor
{
    /// <summary>Meter of the counters.</summary>
    public const string MeterName = "Pipeline.Ingest.Bridge";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Points = Meter.CreateCounter<long>("bridge.points", description: "Points decoded");
    private static readonly Counter<long> Reports = Meter.CreateCounter<long>("bridge.reports", description: "Reports made");
    private static readonly Counter<long> Late = Meter.CreateCounter<long>("bridge.points_late", description: "Points whose report was made already");
    private static readonly Counter<long> Nameless = Meter.CreateCounter<long>("bridge.points_nameless", description: "Points of which nothing says whose they are");
    private static readonly Counter<long> Unsound = Meter.CreateCounter<long>("bridge.reports_unsound", description: "Reports that were out of bounds and not sent");

    private readonly IPointDecoder decoder = AgentFormats.Decoder(options.Format, options.GraphitePrefix);
    private readonly SortedDictionary<string, HostState> hosts = new(StringComparer.Ordinal);
    private readonly List<MetricPoint> points = [];
    private readonly VmReports value = new();
    private readonly ulong merge = (ulong)options.Merge.Ticks * 100;
    private long second = long.MinValue;

    public void Process(in StreamRecord record, IOutput output)
    {
        CloseSilent(record.TimestampUnixMs, output);
        points.Clear();
        try
        {
            decoder.Decode(record.Value, record.TimestampUnixMs, points);
        }
        catch (BadRecordException e)
        {
            output.DeadLetter(record, e.Message);
            return;
        }
        Points.Add(points.Count);
        if (Refusal(record) is { } reason)
        {
            output.DeadLetter(record, reason);
            return;
        }
        foreach (MetricPoint point in points) Take(point, record, output);
    }

    /// <summary>Nothing more comes: what is open is complete.</summary>
    internal void CloseAll(IOutput output)
    {
        foreach (HostState host in hosts.Values) Emit(host.Close(), host.RecordUnixMs, output);
    }

    public long ReplayFrom(long committed)
    {
        foreach (HostState host in hosts.Values) committed = Math.Min(committed, host.FirstOffset);
        return committed;
    }

    private string? Refusal(in StreamRecord record)
    {
        int unknown = 0;
        string? last = null;
        foreach (MetricPoint point in points)
        {
            // A record's points are mostly one machine's.
            if (HostNames.Of(point.Series, record) is not { } host || ReferenceEquals(host, last)) continue;
            last = host;
            if (Bounds.Name("host", host) is { } wrong) return wrong;
            if (!hosts.ContainsKey(host)) unknown++;
        }
        return unknown > 0 && hosts.Count >= options.HostsMax ? $"{hosts.Count} machines in the partition already; at most {options.HostsMax} are allowed" : null;
    }

    private void Take(in MetricPoint point, in StreamRecord record, IOutput output)
    {
        if (HostNames.Of(point.Series, record) is not { } name)
        {
            Nameless.Add(1);
            return;
        }
        if (point.Value.AsNumber is not { } number || point.Series.Mapping is not { } mapping) return;
        if (!hosts.TryGetValue(name, out HostState? host)) hosts[name] = host = new HostState(name);
        Scrape? scrape = host.At(point.TimeUnixNano, record.Offset, merge, out VmReport? report);
        Emit(report, record.TimestampUnixMs, output);
        if (scrape is null)
        {
            Late.Add(1);
            return;
        }
        scrape.Touch(point.TimeUnixNano, record.TimestampUnixMs, point.IntervalS, point.Series.HostId, CellOf(point.Series));
        scrape.Add(mapping.Observe(number));
    }

    private string CellOf(PointSeries series)
    {
        if (options.CellAttribute.Length == 0) return options.Cell;
        string cell = series.Attribute(options.CellAttribute);
        if (cell.Length == 0) cell = AttributeText.Of(series.Resource.FirstOrDefault(a => a.Key == options.CellAttribute).Value);
        return cell.Length > 0 && Bounds.Name("cell", cell) is null ? cell : options.Cell;
    }

    /// <summary>Looks once a second of the records' time, so that the same records always give the same reports.</summary>
    private void CloseSilent(long nowUnixMs, IOutput output)
    {
        if (nowUnixMs / 1000 <= second) return;
        second = nowUnixMs / 1000;
        List<string>? forgotten = null;
        foreach ((string name, HostState host) in hosts)
        {
            if (host.Open is { } open && open.RecordUnixMs + options.Flush.TotalMilliseconds < nowUnixMs) Emit(host.Close(), nowUnixMs, output);
            if (host.RecordUnixMs + options.Forget.TotalMilliseconds < nowUnixMs) (forgotten ??= []).Add(name);
        }
        foreach (string name in forgotten ?? []) hosts.Remove(name);
    }

    private void Emit(VmReport? report, long timestampUnixMs, IOutput output)
    {
        if (report is null) return;
        value.Reports.Clear();
        value.Reports.Add(report);
        if (MetricsValidator.Check(value, new RecordContext(report.Cell, timestampUnixMs)) is not null)
        {
            Unsound.Add(1);
            return;
        }
        output.Emit(Topics.VmMetrics, report.Cell, value);
        Reports.Add(1);
    }
}
