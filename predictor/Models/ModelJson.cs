using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Predictor.Evaluation;

namespace Pipeline.Predictor.Models;

/// <summary>How cards and evaluations stand in files: snake case, a number that is not defined as null.</summary>
public static class ModelJson
{
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Converters = { new UndefinedAsNull(), new OneLine<EvaluationResult>(), new CompactArray<ushort>(), new CompactArray<uint>(), new CompactArray<float>(), new CompactArray<float?>() },
    };

    /// <summary>Arrays of thousands of numbers go on one line.</summary>
    private sealed class CompactArray<T> : JsonConverter<T[]>
    {
        public override T[] Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<T[]>(ref reader, JsonSerializerOptions.Default) ?? throw new JsonException("an array is wanted");

        public override void Write(Utf8JsonWriter writer, T[] value, JsonSerializerOptions options) =>
            writer.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Default));
    }

    /// <summary>Rows of a table go on one line each.</summary>
    private sealed class OneLine<T> : JsonConverter<T>
    {
        private static readonly JsonSerializerOptions Inner = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new UndefinedAsNull() } };

        public override T? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => JsonSerializer.Deserialize<T>(ref reader, Inner);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(value, Inner));
    }

    private sealed class UndefinedAsNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override bool HandleNull => true;

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(Math.Round(value, 6));
            else writer.WriteNullValue();
        }
    }
}
