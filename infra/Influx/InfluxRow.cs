using System.Text.Json;

namespace Pipeline.Infra.Influx;

/// <summary>One row of an InfluxQL answer. A null means that the column has no value in this row.</summary>
public sealed class InfluxRow(InfluxSeries series, JsonElement[] values)
{
    public InfluxSeries Series => series;

    /// <summary>The row's time, Unix nanoseconds; 0 for aggregates over all time.</summary>
    public long TimeUnixNs => Integer("time") ?? 0;

    /// <summary>A tag of GROUP BY; empty where the series has none of that name, or none at all (3.x: null).</summary>
    public string Tag(string key) => series.Tags.GetValueOrDefault(key) ?? "";

    public double? Float(string column) => this[column] is { ValueKind: JsonValueKind.Number } v ? v.GetDouble() : null;

    public long? Integer(string column) => this[column] is { ValueKind: JsonValueKind.Number } v ? v.GetInt64() : null;

    public ulong? Unsigned(string column) => this[column] is { ValueKind: JsonValueKind.Number } v ? v.GetUInt64() : null;

    public bool? Boolean(string column) => this[column] is { ValueKind: JsonValueKind.True or JsonValueKind.False } v ? v.GetBoolean() : null;

    public string? Text(string column) => this[column] is { ValueKind: JsonValueKind.String } v ? v.GetString() : null;

    /// <summary>A value of any kind: a number as double, a boolean, a text, or null.</summary>
    public object? Value(string column) => Float(column) ?? Boolean(column) ?? (object?)Text(column);

    /// <exception cref="KeyNotFoundException">There is no such column.</exception>
    private JsonElement this[string column] => values[series.IndexOf(column)];
}
