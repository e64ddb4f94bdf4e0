using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Every recorded answer of a real server, over a socket; what must follow is read off the recording, not off the client.</summary>
public sealed class RecordedExchangeTests
{
    [RecordedFact]
    public async Task Every_recorded_answer_to_a_write_is_stored_or_rejected_or_refused_in_the_servers_words()
    {
        int seen = await ForEachAsync(e => Path(e).Contains("/write", StringComparison.Ordinal) && Method(e) == "POST" && Path(e) is not "/v2/write", async (client, exchange) =>
        {
            JsonElement response = exchange.GetProperty("response");
            int status = response.GetProperty("status").GetInt32();
            string words = Words(response);
            WriteResult? result = null;
            SinkException? error = null;
            try
            {
                result = await client.WriteAsync([FakeInflux.Point(0)], CancellationToken.None);
            }
            catch (SinkException e)
            {
                error = e;
            }
            if (status < 300) Assert.Equal((1, 0), (result?.Stored, result?.Rejected.Count));
            else if (status is 413 or 422 || (status == 400 && result is not null)) Assert.Contains(words, Assert.Single(result!.Rejected).Reason, StringComparison.Ordinal);
            else
            {
                Assert.NotNull(error);
                Assert.Contains(words, error.Message, StringComparison.Ordinal);
                Assert.Equal(status < 500, error.Refused);
            }
        });
        Assert.InRange(seen, 100, 1000);
    }

    [RecordedFact]
    public async Task Every_recorded_answer_in_influxql_gives_its_rows_and_its_error()
    {
        int seen = await ForEachAsync(e => Path(e).StartsWith("/query", StringComparison.Ordinal) && !IsCsv(e), async (client, exchange) =>
        {
            JsonElement response = exchange.GetProperty("response");
            int rows = 0;
            string? error = null;
            try
            {
                await foreach (InfluxRow _ in client.QueryAsync("SELECT")) rows++;
            }
            catch (InfluxQueryException e)
            {
                error = e.Message;
            }
            if (response.GetProperty("status").GetInt32() != 200)
            {
                Assert.Contains(Words(response), error, StringComparison.Ordinal);
                return;
            }
            (int wanted, string? wrong) = Expected(Encoding.UTF8.GetString(RecordedServer.Body(response)!));
            Assert.Equal((wanted, wrong), (rows, error));
        });
        Assert.InRange(seen, 60, 1000);
    }

    [RecordedFact]
    public async Task Every_recorded_answer_in_flux_gives_its_rows_and_its_error()
    {
        int seen = await ForEachAsync(e => Path(e).StartsWith("/api/v2/query", StringComparison.Ordinal) && Readable(e), async (client, exchange) =>
        {
            JsonElement response = exchange.GetProperty("response");
            int rows = 0;
            string? error = null;
            try
            {
                await foreach (FluxRow _ in client.FluxAsync("from")) rows++;
            }
            catch (InfluxQueryException e)
            {
                error = e.Message;
            }
            string body = Encoding.UTF8.GetString(RecordedServer.Body(response)!);
            if (response.GetProperty("status").GetInt32() != 200)
            {
                Assert.Contains(Words(response), error, StringComparison.Ordinal);
                return;
            }
            bool fails = body.Contains(",error,reference", StringComparison.Ordinal);
            int heads = body.Split("\n,result,table").Length - 1 + (body.StartsWith(",result,table", StringComparison.Ordinal) ? 1 : 0);
            int records = body.Split('\n').Count(l => l.StartsWith(',')) - heads - (fails ? 2 : 0);
            Assert.Equal((records, fails), (rows, error is not null));
        });
        Assert.InRange(seen, 50, 1000);
    }

    private static async Task<int> ForEachAsync(Func<JsonElement, bool> which, Func<InfluxClient, JsonElement, Task> check)
    {
        int seen = 0;
        List<string> wrong = [];
        foreach (string file in Directory.EnumerateFiles(RecordedFactAttribute.Folder!, "*.jsonl").Order())
        {
            bool two = System.IO.Path.GetFileName(file).StartsWith("influxdb-2", StringComparison.Ordinal);
            using RecordedServer server = new(two ? FakeInflux.Two : FakeInflux.One);
            InfluxOptions options = (two ? FakeInflux.TwoOptions : FakeInflux.OneOptions) with { Url = server.Url, Retries = 0 };
            foreach (JsonElement exchange in File.ReadLines(file).Select(l => JsonElement.Parse(l)).Where(which))
            {
                server.Response = exchange.GetProperty("response");
                if (RecordedServer.Body(server.Response) is null) continue;
                using InfluxClient client = new(options, NullLoggerFactory.Instance, TimeProvider.System);
                try
                {
                    await check(client, exchange);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    wrong.Add($"{exchange.GetProperty("n")} {exchange.GetProperty("name")}: {e.Message}");
                }
                seen++;
            }
        }
        Assert.Empty(wrong);
        return seen;
    }

    /// <summary>What is said to be wrong, as far as one line of a message shows it.</summary>
    private static string Words(JsonElement response)
    {
        string body = Encoding.UTF8.GetString(RecordedServer.Body(response)!).Trim();
        string words = body.StartsWith('{') && JsonElement.Parse(body) is { } json && (json.TryGetProperty("message", out JsonElement m) || json.TryGetProperty("error", out m)) ? m.GetString()! : body;
        return words[..Math.Min(words.Length, 500)];
    }

    /// <summary>Rows up to the first error.</summary>
    private static (int Rows, string? Error) Expected(string body)
    {
        int rows = 0;
        foreach (string line in body.Contains("\n    ", StringComparison.Ordinal) ? [body] : body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonElement chunk = JsonElement.Parse(line);
            if (chunk.TryGetProperty("error", out JsonElement whole)) return (rows, whole.GetString());
            if (!chunk.TryGetProperty("results", out JsonElement results)) continue;
            foreach (JsonElement result in results.EnumerateArray())
            {
                if (result.TryGetProperty("series", out JsonElement series))
                    rows += series.EnumerateArray().Sum(s => s.TryGetProperty("values", out JsonElement values) ? values.GetArrayLength() : 0);
                if (result.TryGetProperty("error", out JsonElement error)) return (rows, error.GetString());
            }
        }
        return (rows, null);
    }

    private static string Path(JsonElement exchange) => exchange.GetProperty("request").GetProperty("path").GetString()!;

    private static string Method(JsonElement exchange) => exchange.GetProperty("request").GetProperty("method").GetString()!;

    private static string Header(JsonElement exchange, string name) =>
        exchange.GetProperty("response").GetProperty("headers").EnumerateArray().Where(h => h[0].GetString() == name).Select(h => h[1].GetString()!).FirstOrDefault("");

    /// <summary>Answers that this client never asks for: CSV, MessagePack, packed ones.</summary>
    private static bool IsCsv(JsonElement exchange) =>
        Header(exchange, "Content-Encoding").Length > 0 || Header(exchange, "Content-Type").Contains("csv", StringComparison.Ordinal) || Header(exchange, "Content-Type").Contains("msgpack", StringComparison.Ordinal);

    /// <summary>Packed answers, and dialects without head or with other separators, are never asked for.</summary>
    private static bool Readable(JsonElement exchange)
    {
        string request = exchange.GetProperty("request").GetRawText();
        return Header(exchange, "Content-Encoding").Length == 0 && !request.Contains("\\\"header\\\": false", StringComparison.Ordinal) && !exchange.GetProperty("name").GetString()!.Contains("delimiter", StringComparison.Ordinal);
    }
}
