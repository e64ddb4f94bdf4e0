using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Infra.Influx;

/// <summary>One chunk of an InfluxQL answer as the server writes it.</summary>
internal sealed record QueryAnswer
{
    [JsonPropertyName("results")]
    public QueryResult[] Results { get; init; } = [];

    [JsonPropertyName("error")]
    public string? Error { get; init; }

    internal sealed record QueryResult
    {
        [JsonPropertyName("statement_id")]
        public int Statement { get; init; }

        [JsonPropertyName("series")]
        public QuerySeries[] Series { get; init; } = [];

        [JsonPropertyName("error")]
        public string? Error { get; init; }
    }

    internal sealed record QuerySeries
    {
        [JsonPropertyName("name")]
        public string Name { get; init; } = "";

        [JsonPropertyName("tags")]
        public Dictionary<string, string> Tags { get; init; } = [];

        [JsonPropertyName("columns")]
        public string[] Columns { get; init; } = [];

        [JsonPropertyName("values")]
        public JsonElement[][] Values { get; init; } = [];
    }
}
