using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Ingest.Bridge.Points;

/// <summary>What the JSON formats have in common.</summary>
internal static class JsonRecord
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <exception cref="BadRecordException">It is no JSON.</exception>
    public static JsonDocument Parse(ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value)) throw new BadRecordException("not UTF-8");
        try
        {
            return JsonDocument.Parse(value.ToArray(), Options);
        }
        catch (JsonException e)
        {
            throw new BadRecordException($"not JSON: {e.Message}", e);
        }
    }

    /// <summary>A text member; null where it is absent or something else.</summary>
    public static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out JsonElement e) && e.ValueKind == JsonValueKind.String ? e.GetString() : null;

    /// <summary>long where it is written without a point, else double; also true, false and text. Null for what is none of these.</summary>
    public static object? Scalar(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Number => e.TryGetInt64(out long i) ? i : e.TryGetUInt64(out ulong u) ? u : e.GetDouble(),
        JsonValueKind.String => e.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
