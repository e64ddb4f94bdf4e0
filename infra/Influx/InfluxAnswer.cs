using System.Text.Json;

namespace Pipeline.Infra.Influx;

/// <summary>A server's answer to a request that asks for no rows.</summary>
/// <param name="Words">What the server says is wrong, without the JSON around it; empty where it says nothing.</param>
internal sealed record InfluxAnswer(int Status, string Words, TimeSpan? RetryAfter)
{
    /// <summary>Servers repeat a bad line as a whole, and hundreds of them in one answer: so much of it is read.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>So much of the server's words goes into logs and dead letters.</summary>
    public const int WordsMax = 1000;

    public bool Done => Status is >= 200 and < 300;

    /// <summary>The server is overloaded, or somebody between here and there is: the same request may do later.</summary>
    public bool Busy => Status is 408 or 429 or 502 or 503 or 504 or > 505;

    /// <summary>May pass, or may be the answer to these lines for ever: 3.x says it to a partial write, 1.6 to an unknown retention policy.</summary>
    public bool ServerError => Status == 500;

    public bool TooLarge => Status == 413;

    /// <summary>Some line is wrong; the others may be stored (1.x, type conflicts) or not (a malformed line on 2.x).</summary>
    public bool BadLines => Status is 400 or 422 && !BlamesRequest;

    /// <summary>400s and 422s that no line is to blame for: every batch would get them. Those of 3.x are from its source (influxdb3_server/src/http.rs).</summary>
    private bool BlamesRequest =>
        Words.StartsWith("database is required", StringComparison.Ordinal)
        || Words.Contains("orgID or org", StringComparison.Ordinal)
        || Words.StartsWith("invalid precision", StringComparison.Ordinal)
        || Words.StartsWith("gzip:", StringComparison.Ordinal)
        || Words.StartsWith("unexpected EOF", StringComparison.Ordinal)
        || Words.StartsWith("db name ", StringComparison.Ordinal)
        || Words.StartsWith("invalid character in database ", StringComparison.Ordinal)
        || Words.StartsWith("missing query parameter ", StringComparison.Ordinal)
        || Words.StartsWith("serde error: ", StringComparison.Ordinal)
        || Words.Contains("Adding a new database would exceed limit of ", StringComparison.Ordinal);

    /// <summary>1.x: {"error": ..}, 2.x: {"message": ..}, 3.x: {"error": .., "data": ..}; proxies and throttling: plain text.</summary>
    public static string WordsOf(string body)
    {
        string words = body.Trim();
        if (words.StartsWith('{')) words = FromJson(words) ?? words;
        return words.Length <= WordsMax ? words : string.Concat(words.AsSpan(0, WordsMax), "…");
    }

    private static string? FromJson(string body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            foreach (string name in (ReadOnlySpan<string>)["message", "error"])
            {
                if (json.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String) return value.GetString() + Details(json.RootElement);
            }
        }
        catch (JsonException)
        {
            // Cut off, or not JSON after all: the text itself says most.
        }
        return null;
    }

    /// <summary>3.x says in the error only that something is wrong; what it is stands in the data, one entry or a list of them.</summary>
    private static string Details(JsonElement answer)
    {
        if (!answer.TryGetProperty("data", out JsonElement data)) return "";
        if (data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0) data = data[0];
        return data.ValueKind == JsonValueKind.Object && data.TryGetProperty("error_message", out JsonElement words) && words.ValueKind == JsonValueKind.String
            ? ": " + words.GetString()
            : "";
    }
}
