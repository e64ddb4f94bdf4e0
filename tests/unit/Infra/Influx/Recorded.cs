using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Answers of real servers, see recorded/README.md.</summary>
internal sealed class Recorded
{
    private readonly Dictionary<string, JsonElement> answers;

    private Recorded(string file)
    {
        string path = Path.Combine(Repository.Root, "tests", "unit", "Infra", "Influx", "recorded", file);
        answers = File.ReadLines(path).Select(line => JsonElement.Parse(line)).ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("response"));
    }

    public static Recorded One { get; } = new("influxdb-1.6.7.jsonl");

    public static Recorded Two { get; } = new("influxdb-2.7.12.jsonl");

    public byte[] Body(string name) => Encoding.UTF8.GetBytes(answers[name].GetProperty("body").GetProperty("text").GetString()!);

    /// <param name="name">What was tried, as the file calls it.</param>
    public HttpResponseMessage Answer(string name)
    {
        JsonElement recorded = answers[name];
        HttpResponseMessage answer = new((HttpStatusCode)recorded.GetProperty("status").GetInt32()) { Content = new ByteArrayContent(Body(name)) };
        foreach (JsonElement header in recorded.GetProperty("headers").EnumerateArray())
        {
            (string key, string value) = (header[0].GetString()!, header[1].GetString()!);
            if (key is "Transfer-Encoding" or "Content-Length") continue;
            if (!answer.Headers.TryAddWithoutValidation(key, value)) answer.Content.Headers.TryAddWithoutValidation(key, value);
        }
        return answer;
    }
}
