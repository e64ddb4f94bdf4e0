using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>The points of an OTLP message, however it was encoded.</summary>
internal static class OtlpPoints
{
    /// <summary>What a number is in <see cref="PointSeries.Number"/>.</summary>
    public const string WholeNumber = "int", RealNumber = "double";

    /// <summary>Flag of a data point of which no value was recorded.</summary>
    public const uint NoRecordedValue = 1;

    /// <summary>A resource, scope or metric without points is no error: exporters send such.</summary>
    public static void Add(MetricsData data, List<MetricPoint> points)
    {
        foreach (ResourceMetrics resource in data.ResourceMetrics)
        {
            OtlpResource sender = new(resource.Resource);
            foreach (Metric metric in resource.ScopeMetrics.SelectMany(s => s.Metrics)) Add(metric, sender, points);
        }
    }

    public static void Add(Metric metric, OtlpResource resource, List<MetricPoint> points)
    {
        if (metric.Name.Length == 0) throw new BadRecordException("a metric without a name");
        OtlpMetric As(string type, AggregationTemporality? temporality = null, bool? monotonic = null) => new(resource, metric.Name, metric.Unit, type, temporality, monotonic);
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                Numbers(metric.Gauge.DataPoints, As("gauge"), points);
                break;
            case Metric.DataOneofCase.Sum:
                Numbers(metric.Sum.DataPoints, As("sum", metric.Sum.AggregationTemporality, metric.Sum.IsMonotonic), points);
                break;
            case Metric.DataOneofCase.Histogram:
                OtlpMetric histogram = As("histogram", metric.Histogram.AggregationTemporality);
                foreach (HistogramDataPoint p in metric.Histogram.DataPoints)
                    if ((p.Flags & NoRecordedValue) == 0) points.Add(Point(histogram.Series(p.Attributes), Of(p), p.TimeUnixNano, p.StartTimeUnixNano));
                break;
            case Metric.DataOneofCase.ExponentialHistogram:
                OtlpMetric exponential = As("exponential_histogram", metric.ExponentialHistogram.AggregationTemporality);
                foreach (ExponentialHistogramDataPoint p in metric.ExponentialHistogram.DataPoints)
                    if ((p.Flags & NoRecordedValue) == 0) points.Add(Point(exponential.Series(p.Attributes), Of(p), p.TimeUnixNano, p.StartTimeUnixNano));
                break;
            case Metric.DataOneofCase.Summary:
                OtlpMetric summary = As("summary");
                foreach (SummaryDataPoint p in metric.Summary.DataPoints)
                    if ((p.Flags & NoRecordedValue) == 0) points.Add(Point(summary.Series(p.Attributes), Of(p), p.TimeUnixNano, p.StartTimeUnixNano));
                break;
        }
    }

    private static void Numbers(IEnumerable<NumberDataPoint> from, OtlpMetric metric, List<MetricPoint> points)
    {
        foreach (NumberDataPoint p in from)
        {
            if ((p.Flags & NoRecordedValue) != 0 || p.ValueCase == NumberDataPoint.ValueOneofCase.None) continue;
            bool whole = p.ValueCase == NumberDataPoint.ValueOneofCase.AsInt;
            PointValue value = whole ? PointValue.Of(p.AsInt) : PointValue.Of(p.AsDouble);
            points.Add(new MetricPoint(metric.Series(p.Attributes, whole ? WholeNumber : RealNumber), value, p.TimeUnixNano) { StartTimeUnixNano = p.StartTimeUnixNano });
        }
    }

    private static MetricPoint Point(PointSeries series, Dictionary<string, object?> value, ulong timeUnixNano, ulong startUnixNano) =>
        new(series, PointValue.Of((object)value), timeUnixNano) { StartTimeUnixNano = startUnixNano };

    private static Dictionary<string, object?> Of(HistogramDataPoint p)
    {
        Dictionary<string, object?> value = new() { ["count"] = p.Count };
        if (p.HasSum) value["sum"] = p.Sum;
        value["bucket_counts"] = p.BucketCounts;
        value["explicit_bounds"] = p.ExplicitBounds;
        if (p.HasMin) value["min"] = p.Min;
        if (p.HasMax) value["max"] = p.Max;
        return value;
    }

    private static Dictionary<string, object?> Of(ExponentialHistogramDataPoint p)
    {
        Dictionary<string, object?> value = new() { ["count"] = p.Count };
        if (p.HasSum) value["sum"] = p.Sum;
        (value["scale"], value["zero_count"]) = (p.Scale, p.ZeroCount);
        (value["positive"], value["negative"]) = (Of(p.Positive), Of(p.Negative));
        if (p.HasMin) value["min"] = p.Min;
        if (p.HasMax) value["max"] = p.Max;
        return value;
    }

    private static Dictionary<string, object?> Of(ExponentialHistogramDataPoint.Types.Buckets? buckets) =>
        new() { ["offset"] = buckets?.Offset ?? 0, ["bucket_counts"] = buckets?.BucketCounts ?? [] };

    private static Dictionary<string, object?> Of(SummaryDataPoint p) => new()
    {
        ["count"] = p.Count,
        ["sum"] = p.Sum,
        ["quantiles"] = p.QuantileValues.Select(q => new Dictionary<string, object?> { ["quantile"] = q.Quantile, ["value"] = q.Value }),
    };
}
