namespace Pipeline.Ingest.Bridge.Points;

/// <summary>One value that a foreign agent sent, as its format says it; nothing is converted yet. Decoders keep what its series has in common.</summary>
/// <param name="Series">Whose value and what it is of.</param>
/// <param name="Value">The value.</param>
/// <param name="TimeUnixNano">Unix nanoseconds.</param>
public readonly record struct MetricPoint(PointSeries Series, PointValue Value, ulong TimeUnixNano)
{
    /// <summary>Only OTLP: since when it counts, as sent.</summary>
    public ulong? StartTimeUnixNano { get; init; }

    /// <summary>Only collectd: seconds from one value to the next.</summary>
    public double? IntervalS { get; init; }
}
