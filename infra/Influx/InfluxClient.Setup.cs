using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

public sealed partial class InfluxClient
{
    /// <summary>
    /// Makes the database (1.x) or the bucket (2.x) where it is missing and the credentials allow it; 3.x makes it at the first
    /// write. Where they do not allow it, it is said, and the first write tells whether it is there.
    /// </summary>
    /// <exception cref="SinkException">No answer, wrong credentials, or no such organisation.</exception>
    public async Task EnsureTargetAsync(CancellationToken cancel)
    {
        InfluxVersion version = await ServerAsync(cancel);
        if (version.Major == 1) await EnsureDatabaseAsync(cancel);
        else if (version.Major == 2) await EnsureBucketAsync(cancel);
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancel)
    {
        string name = options.Target.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        try
        {
            await foreach (InfluxRow _ in QueryAsync($"CREATE DATABASE \"{name}\"", cancel)) continue;
        }
        catch (InfluxQueryException e) when (e.Status == 403)
        {
            log.LogInformation("InfluxDB database '{Database}' was not created, it has to be there: {Reason}", options.Target, e.Message);
        }
        catch (InfluxQueryException e)
        {
            InfluxAnswer answer = new(e.Status, e.Message, null);
            throw new SinkException($"InfluxDB database '{options.Target}' cannot be created: {e.Message}", refused: !answer.Busy && !answer.ServerError, e);
        }
    }

    private async Task EnsureBucketAsync(CancellationToken cancel)
    {
        if (options.Organisation is not { } organisation) throw new SinkException("InfluxDB 2.x wants an organisation: give --org", refused: true);
        string org = Uri.EscapeDataString(organisation);
        if (await IdAsync($"api/v2/buckets?org={org}&name={Uri.EscapeDataString(options.Target)}", "buckets", cancel) is not null) return;
        // A token that may only write sees no organisation and no bucket either: the write will tell.
        if (await IdAsync($"api/v2/orgs?org={org}", "orgs", cancel) is not { } id) return;
        InfluxAnswer made = await http.AskAsync(HttpMethod.Post, "api/v2/buckets", () => JsonContent.Create(new { orgID = id, name = options.Target }), retryServerErrors: true, cancel);
        // 422: somebody else has made it, or this token must not see it.
        if (!made.Done && made.Status != 422)
            log.LogInformation("InfluxDB bucket '{Bucket}' was not created, it has to be there: {Status} {Reason}", options.Target, made.Status, made.Words);
    }

    /// <summary>Id of the first of a listing; null where the listing is empty.</summary>
    private async Task<string?> IdAsync(string path, string listing, CancellationToken cancel)
    {
        using HttpResponseMessage response = await http.OpenAsync(HttpMethod.Get, path, () => null, retryServerErrors: true, cancel);
        string body = await http.BodyAsync(response, cancel);
        if ((int)response.StatusCode is 401 or 403)
            throw new SinkException($"InfluxDB at {options.Url} does not let us in ({(int)response.StatusCode}): {InfluxAnswer.WordsOf(body)}. Check the token", refused: true);
        if (!response.IsSuccessStatusCode) return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty(listing, out JsonElement found) && found.ValueKind == JsonValueKind.Array && found.GetArrayLength() > 0
                ? found[0].GetProperty("id").GetString()
                : null;
        }
        catch (JsonException e)
        {
            throw new SinkException($"{options.Url} answered /{path} with something that is not InfluxDB's: {e.Message}. Check the URL and what stands between", refused: true, e);
        }
    }
}
