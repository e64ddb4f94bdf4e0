using Pipeline.Ingest.Bridge.Points;
using Pipeline.Ingest.Otlp;

namespace Pipeline.Ingest.Bridge.Otlp;

/// <summary>Attributes of resources and points as plain values.</summary>
internal static class OtlpAttributes
{
    /// <exception cref="BadRecordException">There are too many.</exception>
    public static List<KeyValuePair<string, object?>> Of(IReadOnlyCollection<KeyValue>? from)
    {
        if (from is null) return [];
        if (from.Count > PointSeries.AttributesMax) throw new BadRecordException($"{from.Count} attributes; at most {PointSeries.AttributesMax} are allowed");
        return [.. from.Select(a => new KeyValuePair<string, object?>(a.Key, Of(a.Value)))];
    }

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
