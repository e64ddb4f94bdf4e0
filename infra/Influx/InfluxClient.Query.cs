using System.Runtime.CompilerServices;
using System.Text.Json;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

public sealed partial class InfluxClient
{
    /// <summary>Rows are asked for in chunks of the server's own size (10,000), so an answer of any length streams through.</summary>
    private const string Chunked = "true";

    /// <summary>Asks an InfluxQL question, on every version at /query. On 2.x the database is the bucket's name.</summary>
    /// <returns>Rows as they come, times in nanoseconds.</returns>
    /// <exception cref="InfluxQueryException">The server refuses the query, or one of its statements; rows of the statements before are given first.</exception>
    /// <exception cref="SinkException">No answer, or one that breaks off or is not InfluxDB's.</exception>
    public async IAsyncEnumerable<InfluxRow> QueryAsync(string influxQl, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        Dictionary<string, string> form = new() { ["db"] = options.Target, ["q"] = influxQl, ["epoch"] = "ns", ["chunked"] = Chunked };
        using HttpResponseMessage response = await http.OpenAsync(HttpMethod.Post, "query", () => new FormUrlEncodedContent(form), retryServerErrors: false, cancel);
        if (!response.IsSuccessStatusCode)
        {
            InfluxAnswer answer = await http.ReadAsync(response, cancel);
            throw new InfluxQueryException($"InfluxDB at {options.Url} answered {answer.Status} to a query: {answer.Words}", answer.Status);
        }
        await using Stream body = await response.Content.ReadAsStreamAsync(cancel);
        using Patience patience = http.Patience(cancel);
        await using IAsyncEnumerator<QueryAnswer?> chunks =
            JsonSerializer.DeserializeAsyncEnumerable<QueryAnswer>(body, topLevelValues: true, cancellationToken: patience.Token).GetAsyncEnumerator(patience.Token);
        while (await NextAsync(chunks, patience))
        {
            foreach (InfluxRow row in Rows(chunks.Current!)) yield return row;
        }
    }

    private async Task<bool> NextAsync<T>(IAsyncEnumerator<T> chunks, Patience patience)
    {
        patience.Begin();
        try
        {
            return await chunks.MoveNextAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw http.NoAnswer(e);
        }
        catch (OperationCanceledException) when (patience.Lost)
        {
            throw http.NoAnswer(new TimeoutException($"nothing came within {options.RequestTimeout}"));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new SinkException($"{options.Url} answered a query with something that is not InfluxDB's: {e.Message}. Check the URL and what stands between", refused: true, e);
        }
        finally
        {
            patience.Rest();
        }
    }

    private static IEnumerable<InfluxRow> Rows(QueryAnswer chunk)
    {
        if (chunk.Error is { } whole) throw new InfluxQueryException(whole, 200);
        foreach (QueryAnswer.QueryResult result in chunk.Results)
        {
            foreach (QueryAnswer.QuerySeries found in result.Series)
            {
                InfluxSeries series = new(found.Name, found.Tags, found.Columns);
                foreach (JsonElement[] values in found.Values) yield return new InfluxRow(series, values);
            }
            if (result.Error is { } error) throw new InfluxQueryException(error, 200, result.Statement);
        }
    }
}
