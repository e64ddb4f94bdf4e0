using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Ingest.Bridge.Points;

/// <summary>A point as a line of JSON, for people and for comparison with other decoders. Numbers that are not finite are strings.</summary>
public static class PointJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="point">The point.</param>
    /// <param name="host">Whose it is, wherever that was said.</param>
    /// <param name="record">Number of the record that it stood in.</param>
    public static string Write(in MetricPoint point, string? host, int record)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Options)) Write(writer, point, host, record);
        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter w, in MetricPoint point, string? host, int record)
    {
        PointSeries p = point.Series;
        w.WriteStartObject();
        w.WriteNumber("record", record);
        w.WriteString("host", host);
        w.WriteString("metric", p.Metric);
        if (p.Field is not null) w.WriteString("field", p.Field);
        w.WriteStartObject("attributes");
        foreach ((string key, object? value) in p.Attributes) Write(w, key, value);
        w.WriteEndObject();
        w.WriteString("unit", string.IsNullOrEmpty(p.Unit) && p.Number is null && p.Temporality is null ? null : p.Unit);
        w.WriteString("type", p.Type);
        Write(w, "value", point.Value.AsObject);
        w.WriteNumber("time_unix_nano", point.TimeUnixNano);
        if (point.StartTimeUnixNano is { } start) w.WriteNumber("start_time_unix_nano", start);
        if (p.Temporality is not null) w.WriteString("temporality", p.Temporality);
        if (p.Monotonic is { } monotonic) w.WriteBoolean("monotonic", monotonic);
        if (p.Number is not null) w.WriteString("number", p.Number);
        if (point.IntervalS is { } interval) w.WriteNumber("interval_s", interval);
        w.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter w, string name, object? value)
    {
        w.WritePropertyName(name);
        WriteValue(w, value);
    }

    private static void WriteValue(Utf8JsonWriter w, object? value)
    {
        switch (value)
        {
            case null: w.WriteNullValue(); break;
            case bool x: w.WriteBooleanValue(x); break;
            case long x: w.WriteNumberValue(x); break;
            case int x: w.WriteNumberValue(x); break;
            case ulong x: w.WriteNumberValue(x); break;
            case double x when double.IsFinite(x): w.WriteNumberValue(x); break;
            case double x: w.WriteStringValue(double.IsNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity"); break;
            case string x: w.WriteStringValue(x); break;
            case IReadOnlyDictionary<string, object?> map:
                w.WriteStartObject();
                foreach ((string key, object? item) in map) Write(w, key, item);
                w.WriteEndObject();
                break;
            case System.Collections.IEnumerable list:
                w.WriteStartArray();
                foreach (object? item in list) WriteValue(w, item);
                w.WriteEndArray();
                break;
            default: w.WriteStringValue(value.ToString()); break;
        }
    }
}
