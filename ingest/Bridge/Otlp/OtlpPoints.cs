using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>The points of an OTLP message, however it was encoded.</summary>
internal static class OtlpPoints
{
    private const string HostName = "host.name", HostId = "host.id";
    private const uint NoRecordedValue = 1;

    /// <summary>A resource, scope or metric without points is no error: exporters send such.</summary>
    public static void Add(MetricsData data, List<MetricPoint> points)
    {
        foreach (ResourceMetrics resource in data.ResourceMetrics)
        {
            List<KeyValuePair<string, object?>> attributes = Attributes(resource.Resource?.Attributes);
            string? host = TextOf(attributes, HostName), id = TextOf(attributes, HostId);
            foreach (Metric metric in resource.ScopeMetrics.SelectMany(s => s.Metrics))
            {
                if (metric.Name.Length == 0) throw new BadRecordException("a metric without a name");
                MetricPoint plain = new() { Host = host, HostId = id, Resource = attributes, Metric = metric.Name, Unit = metric.Unit };
                Add(metric, plain, points);
            }
        }
    }

    private static void Add(Metric metric, MetricPoint plain, List<MetricPoint> points)
    {
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                Numbers(metric.Gauge.DataPoints, plain with { Type = "gauge" }, points);
                break;
            case Metric.DataOneofCase.Sum:
                Numbers(metric.Sum.DataPoints, plain with { Type = "sum", Temporality = Name(metric.Sum.AggregationTemporality), Monotonic = metric.Sum.IsMonotonic }, points);
                break;
            case Metric.DataOneofCase.Histogram:
                foreach (HistogramDataPoint p in metric.Histogram.DataPoints)
                {
                    if ((p.Flags & NoRecordedValue) != 0) continue;
                    points.Add(plain with { Type = "histogram", Temporality = Name(metric.Histogram.AggregationTemporality), Attributes = Attributes(p.Attributes), Value = Of(p), TimeUnixNano = p.TimeUnixNano, StartTimeUnixNano = p.StartTimeUnixNano });
                }
                break;
            case Metric.DataOneofCase.ExponentialHistogram:
                foreach (ExponentialHistogramDataPoint p in metric.ExponentialHistogram.DataPoints)
                {
                    if ((p.Flags & NoRecordedValue) != 0) continue;
                    points.Add(plain with { Type = "exponential_histogram", Temporality = Name(metric.ExponentialHistogram.AggregationTemporality), Attributes = Attributes(p.Attributes), Value = Of(p), TimeUnixNano = p.TimeUnixNano, StartTimeUnixNano = p.StartTimeUnixNano });
                }
                break;
            case Metric.DataOneofCase.Summary:
                foreach (SummaryDataPoint p in metric.Summary.DataPoints)
                {
                    if ((p.Flags & NoRecordedValue) != 0) continue;
                    points.Add(plain with { Type = "summary", Attributes = Attributes(p.Attributes), Value = Of(p), TimeUnixNano = p.TimeUnixNano, StartTimeUnixNano = p.StartTimeUnixNano });
                }
                break;
        }
    }

    private static void Numbers(IEnumerable<NumberDataPoint> from, MetricPoint plain, List<MetricPoint> points)
    {
        foreach (NumberDataPoint p in from)
        {
            if ((p.Flags & NoRecordedValue) != 0 || p.ValueCase == NumberDataPoint.ValueOneofCase.None) continue;
            bool whole = p.ValueCase == NumberDataPoint.ValueOneofCase.AsInt;
            points.Add(plain with
            {
                Attributes = Attributes(p.Attributes),
                Value = whole ? (object)p.AsInt : p.AsDouble,
                Number = whole ? "int" : "double",
                TimeUnixNano = p.TimeUnixNano,
                StartTimeUnixNano = p.StartTimeUnixNano,
            });
        }
    }

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

    private static string? Name(AggregationTemporality temporality) => temporality switch
    {
        AggregationTemporality.Delta => "delta",
        AggregationTemporality.Cumulative => "cumulative",
        _ => null,
    };

    private static string? TextOf(List<KeyValuePair<string, object?>> attributes, string name)
    {
        string text = AttributeText.Of(attributes.Find(a => a.Key == name).Value);
        return text.Length > 0 ? text : null;
    }

    private static List<KeyValuePair<string, object?>> Attributes(IEnumerable<KeyValue>? from) => from is null ? [] : [.. from.Select(a => new KeyValuePair<string, object?>(a.Key, Of(a.Value)))];

    private static object? Of(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
        AnyValue.ValueOneofCase.ArrayValue => value.ArrayValue.Values.Select(Of).ToArray(),
        AnyValue.ValueOneofCase.KvlistValue => value.KvlistValue.Values.GroupBy(a => a.Key).ToDictionary(a => a.Key, a => Of(a.Last().Value)),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
        _ => null,
    };
}
