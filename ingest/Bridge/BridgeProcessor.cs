using System.Diagnostics.Metrics;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Bridge.Reports;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge;

/// <summary>
/// One partition of a foreign topic that holds all records of its machines: records in, reports out. Pure. Its state is each machine's open
/// scrape and the one before, and comes back by feeding the records since then.
/// </summary>
/// <param name="options">How records become reports.</param>
/// <param name="progress">Where it says from where on records are to be fed again; null: nowhere, it is never restored.</param>
public sealed class BridgeProcessor(BridgeOptions options, TopicSpec<BridgeProgress>? progress = null) : IProcessor
{
    /// <summary>Meter of the counters.</summary>
    public const string MeterName = "Pipeline.Ingest.Bridge";

    internal static readonly Meter Meter = new(MeterName);

    private readonly RecordPoints reader = new(options);
    private readonly ScrapeMerger merger = new(options, ordered: true);
    private readonly RecordClock clock = new();
    private readonly ReplayPoint? replay = progress is null ? null : new ReplayPoint(progress);

    public void Process(in StreamRecord record, IOutput output)
    {
        if (replay?.IsDue(record) == true) replay.Tell(record, merger.FirstOffset, output);
        merger.Advance(clock.Take(record.TimestampUnixMs), output);
        List<MetricPoint> points = reader.Of(record, output);
        if (RefusalOf(points, record) is { } reason) reader.PutAside(record, reason, output);
        foreach (MetricPoint point in points)
        {
            if (RecordPoints.HostOf(point, record) is not { } host || point.Value.AsNumber is not { } number || point.Series.Mapping is not { } mapping) continue;
            if (merger.At(host, point.TimeUnixNano, record.Offset, record.TimestampUnixMs, output) is not { } scrape) continue;
            scrape.Touch(point.TimeUnixNano, record.TimestampUnixMs, point.IntervalS, point.Series.HostId, reader.CellOf(point.Series));
            scrape.Add(mapping.Observe(number));
        }
    }

    private string? RefusalOf(List<MetricPoint> points, in StreamRecord record)
    {
        string? last = null;
        foreach (MetricPoint point in points)
        {
            // A record's points are mostly one machine's.
            if (HostNames.Of(point.Series, record) is not { } host || ReferenceEquals(host, last)) continue;
            if (merger.RefusalOf(host) is { } reason) return reason;
            last = host;
        }
        return null;
    }

    /// <summary>Nothing more comes: what is open is complete.</summary>
    internal void CloseAll(IOutput output) => merger.CloseAll(output);

    public void Restore(in StreamRecord record) => replay?.Restore(record);

    public long ReplayFrom(long committed) => replay?.From(committed) ?? committed;
}
