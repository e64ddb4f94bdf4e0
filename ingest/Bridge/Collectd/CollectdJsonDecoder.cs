using System.Text.Json;
using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.Collectd;

/// <summary>
/// collectd's JSON (wiki "JSON", format_json.c of 5.x): a list of value lists with parallel values, dstypes and dsnames. A derive is null
/// until there are two readings, then a rate per second where StoreRates is on; where it is off, whole counters.
/// </summary>
public sealed class CollectdJsonDecoder : IPointDecoder
{
    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        using JsonDocument document = JsonRecord.Parse(value);
        if (document.RootElement.ValueKind != JsonValueKind.Array) throw new BadRecordException($"a list is wanted, not {document.RootElement.ValueKind}");
        foreach (JsonElement list in document.RootElement.EnumerateArray()) ValueList(list, points);
    }

    private static void ValueList(JsonElement list, List<MetricPoint> points)
    {
        if (list.ValueKind != JsonValueKind.Object) throw new BadRecordException("an element is not an object");
        // Notifications travel the same way.
        if (list.TryGetProperty("severity", out _) && !list.TryGetProperty("values", out _)) return;
        string plugin = Needed(list, "plugin"), type = Needed(list, "type"), host = Needed(list, "host");
        string instance = JsonRecord.Text(list, "plugin_instance") ?? "", typeInstance = JsonRecord.Text(list, "type_instance") ?? "";
        JsonElement values = Array(list, "values"), types = Array(list, "dstypes"), names = Array(list, "dsnames");
        if (types.GetArrayLength() != values.GetArrayLength() || names.GetArrayLength() != values.GetArrayLength())
            throw new BadRecordException($"{plugin}.{type}: {values.GetArrayLength()} values, {types.GetArrayLength()} dstypes, {names.GetArrayLength()} dsnames");
        ulong time = EventTime.OfSeconds(Number(list, "time") ?? throw new BadRecordException($"{plugin}.{type}: time is missing"));
        for (int i = 0; i < values.GetArrayLength(); i++)
        {
            PointSeries series = new()
            {
                Host = host,
                Metric = plugin + "." + type,
                Attributes = [new("plugin", plugin), new("plugin_instance", instance), new("type", type), new("type_instance", typeInstance), new("dsname", AttributeText.Of(JsonRecord.Scalar(names[i])))],
                Type = AttributeText.Of(JsonRecord.Scalar(types[i])),
            };
            points.Add(new MetricPoint(series, PointValue.Of(JsonRecord.Scalar(values[i])), time) { IntervalS = Number(list, "interval") });
        }
    }

    private static string Needed(JsonElement list, string name) =>
        JsonRecord.Text(list, name) is { Length: > 0 } text ? text : throw new BadRecordException($"{name} is missing or empty");

    private static JsonElement Array(JsonElement list, string name) =>
        list.TryGetProperty(name, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array : throw new BadRecordException($"{name} is not a list");

    private static double? Number(JsonElement list, string name) => list.TryGetProperty(name, out JsonElement n) && n.ValueKind == JsonValueKind.Number ? n.GetDouble() : null;
}
