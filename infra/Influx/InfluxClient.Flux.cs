using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

public sealed partial class InfluxClient
{
    /// <summary>Asks a Flux question where the server has Flux: 2.x, and 1.8 with Flux switched on.</summary>
    /// <returns>Rows as they come.</returns>
    /// <exception cref="InfluxQueryException">The server refuses the query, has no Flux, or fails in the middle; rows before that are given first.</exception>
    /// <exception cref="SinkException">No answer, or one that breaks off or is not InfluxDB's.</exception>
    public async IAsyncEnumerable<FluxRow> FluxAsync(string flux, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        string path = options.Organisation is { } org ? $"api/v2/query?org={Uri.EscapeDataString(org)}" : "api/v2/query";
        string[] annotations = ["datatype", "group", "default"];
        using HttpResponseMessage response = await http.OpenAsync(
            HttpMethod.Post, path, () => JsonContent.Create(new { query = flux, type = "flux", dialect = new { annotations, header = true } }), retryServerErrors: false, cancel);
        if (!response.IsSuccessStatusCode)
        {
            InfluxAnswer answer = await http.ReadAsync(response, cancel);
            string hint = answer.Status == 404 && answer.Words.StartsWith("404 page", StringComparison.Ordinal) ? ". This server has no Flux: ask in InfluxQL" : "";
            throw new InfluxQueryException($"InfluxDB at {options.Url} answered {answer.Status} to a query: {answer.Words}{hint}", answer.Status);
        }
        await using Stream body = await response.Content.ReadAsStreamAsync(cancel);
        using StreamReader text = new(body, Encoding.UTF8);
        using Patience patience = http.Patience(cancel);
        await using IAsyncEnumerator<FluxRow> rows = new FluxReader(text).RowsAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        while (await NextAsync(rows, patience)) yield return rows.Current;
    }
}
