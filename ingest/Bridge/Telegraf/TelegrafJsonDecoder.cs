using System.Text.Json;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Telegraf;

/// <summary>
/// Telegraf's JSON (plugins/serializers/json): one metric, or a batch under <c>metrics</c>, each with name, tags, fields and timestamp. The
/// unit of the timestamp is not marked (<c>json_timestamp_units</c>): its size tells (<see cref="EventTime"/>).
/// </summary>
public sealed class TelegrafJsonDecoder : IPointDecoder
{
    private const string HostTag = "host";

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        using JsonDocument document = JsonRecord.Parse(value);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new BadRecordException($"an object with name and fields is wanted, not {root.ValueKind}");
        if (!root.TryGetProperty("metrics", out JsonElement batch))
        {
            Metric(root, timestampUnixMs, points);
            return;
        }
        if (batch.ValueKind != JsonValueKind.Array) throw new BadRecordException("metrics is not a list");
        foreach (JsonElement metric in batch.EnumerateArray()) Metric(metric, timestampUnixMs, points);
    }

    private static void Metric(JsonElement metric, long timestampUnixMs, List<MetricPoint> points)
    {
        if (metric.ValueKind != JsonValueKind.Object || JsonRecord.Text(metric, "name") is not { Length: > 0 } name) throw new BadRecordException("a metric without a name");
        if (!metric.TryGetProperty("fields", out JsonElement fields) || fields.ValueKind != JsonValueKind.Object) throw new BadRecordException($"metric '{name}' has no fields");
        List<KeyValuePair<string, object?>> tags = [];
        string? host = null;
        if (metric.TryGetProperty("tags", out JsonElement given) && given.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty tag in given.EnumerateObject())
            {
                if (tag.Name == HostTag) host = AttributeText.Of(JsonRecord.Scalar(tag.Value));
                else tags.Add(new(tag.Name, AttributeText.Of(JsonRecord.Scalar(tag.Value))));
            }
        ulong time = Time(metric, name, timestampUnixMs);
        foreach (JsonProperty field in fields.EnumerateObject())
        {
            object? value = JsonRecord.Scalar(field.Value);
            if (value is null) continue;
            string type = value is string ? "string" : value is bool ? "boolean" : "number";
            points.Add(new MetricPoint(new PointSeries { Host = host, Metric = name, Field = field.Name, Attributes = tags, Type = type }, PointValue.Of(value), time));
        }
    }

    private static ulong Time(JsonElement metric, string name, long timestampUnixMs)
    {
        if (!metric.TryGetProperty("timestamp", out JsonElement time)) return (ulong)Math.Max(0, timestampUnixMs) * 1_000_000;
        if (time.ValueKind == JsonValueKind.Number)
            return time.TryGetInt64(out long whole) ? EventTime.Nanoseconds(whole) : EventTime.OfSeconds(time.GetDouble());
        // json_timestamp_format gives text.
        return time.ValueKind == JsonValueKind.String && time.TryGetDateTimeOffset(out DateTimeOffset text)
            ? (ulong)Math.Max(0, (text - DateTimeOffset.UnixEpoch).Ticks) * 100
            : throw new BadRecordException($"metric '{name}': timestamp {time.GetRawText()} is not a time");
    }
}
