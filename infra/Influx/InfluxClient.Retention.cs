using System.Globalization;
using System.Net.Http.Json;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

public sealed partial class InfluxClient
{
    private const string DefaultPolicy = "autogen";

    /// <summary>
    /// Sets how long the target keeps its points and makes the down-samplings with what they need: retention policies and continuous
    /// queries on 1.x, buckets and tasks on 2.x. Repeating it changes nothing; what is there under a name is brought up to date.
    /// </summary>
    /// <param name="keep">Zero: for ever. Both servers want at least an hour.</param>
    /// <exception cref="SinkException">No answer, or the server refuses.</exception>
    public async Task SetUpAsync(TimeSpan keep, IReadOnlyList<DownSampling> downSamplings, CancellationToken cancel)
    {
        InfluxVersion version = await ServerAsync(cancel);
        if (version.Major >= 3) throw new SinkException($"InfluxDB {version} has neither retention policies nor tasks to set up: give its tables a retention period instead", refused: true);
        await EnsureTargetAsync(cancel);
        if (version.Major == 1) await SetUpOneAsync(keep, downSamplings, cancel);
        else await SetUpTwoAsync(keep, downSamplings, cancel);
    }

    private async Task SetUpOneAsync(TimeSpan keep, IReadOnlyList<DownSampling> downSamplings, CancellationToken cancel)
    {
        string database = DownSampling.Quoted(options.Target);
        await DoAsync($"ALTER RETENTION POLICY {DownSampling.Quoted(DefaultPolicy)} ON {database} DURATION {Hours(keep)} DEFAULT", cancel);
        Dictionary<string, string> queries = [];
        await foreach (InfluxRow row in QueryAsync("SHOW CONTINUOUS QUERIES", cancel))
            if (row.Series.Name == options.Target) queries[row.Text("name")!] = row.Text("query")!;
        HashSet<string> policies = [];
        await foreach (InfluxRow row in QueryAsync($"SHOW RETENTION POLICIES ON {database}", cancel)) policies.Add(row.Text("name")!);
        foreach (DownSampling sampling in downSamplings)
        {
            string verb = policies.Add(sampling.Suffix) ? "CREATE" : "ALTER";
            await DoAsync($"{verb} RETENTION POLICY {DownSampling.Quoted(sampling.Suffix)} ON {database} DURATION {Hours(sampling.Keep)} REPLICATION 1", cancel);
            // There is no ALTER; between the two nothing runs that would not be made up for by the next look back.
            if (queries.ContainsKey(sampling.Name)) await DoAsync($"DROP CONTINUOUS QUERY {DownSampling.Quoted(sampling.Name)} ON {database}", cancel);
            await DoAsync(sampling.ContinuousQuery(options.Target), cancel);
        }
    }

    private async Task DoAsync(string statement, CancellationToken cancel)
    {
        try
        {
            await foreach (InfluxRow _ in QueryAsync(statement, cancel)) continue;
        }
        catch (InfluxQueryException e)
        {
            throw new SinkException($"InfluxDB at {options.Url} refuses '{statement}': {e.Message}", refused: true, e);
        }
    }

    private async Task SetUpTwoAsync(TimeSpan keep, IReadOnlyList<DownSampling> downSamplings, CancellationToken cancel)
    {
        string org = Uri.EscapeDataString(options.Organisation!);
        string orgId = await IdAsync($"api/v2/orgs?org={org}", "orgs", cancel)
            ?? throw new SinkException($"InfluxDB at {options.Url} shows no organisation '{options.Organisation}': the token must be one that may read and write it, its buckets and tasks", refused: true);
        await EnsureBucketAsync(orgId, options.Target, keep, cancel);
        foreach (IGrouping<string, DownSampling> bucket in downSamplings.GroupBy(s => s.Suffix))
            await EnsureBucketAsync(orgId, $"{options.Target}-{bucket.Key}", bucket.First().Keep, cancel);
        foreach (DownSampling sampling in downSamplings)
        {
            string? id = await IdAsync($"api/v2/tasks?orgID={orgId}&name={Uri.EscapeDataString(sampling.Name)}", "tasks", cancel);
            string flux = sampling.FluxTask(options.Target);
            if (id is null) await DoAsync(HttpMethod.Post, "api/v2/tasks", new { orgID = orgId, flux, description = "down-sampling of " + sampling.Measurement }, cancel);
            else await DoAsync(HttpMethod.Patch, $"api/v2/tasks/{id}", new { flux }, cancel);
        }
    }

    private async Task EnsureBucketAsync(string orgId, string name, TimeSpan keep, CancellationToken cancel)
    {
        object[] retentionRules = keep > TimeSpan.Zero ? [new { type = "expire", everySeconds = (long)keep.TotalSeconds }] : [];
        string? id = await IdAsync($"api/v2/buckets?orgID={orgId}&name={Uri.EscapeDataString(name)}", "buckets", cancel);
        if (id is null) await DoAsync(HttpMethod.Post, "api/v2/buckets", new { orgID = orgId, name, retentionRules }, cancel);
        else await DoAsync(HttpMethod.Patch, $"api/v2/buckets/{id}", new { retentionRules }, cancel);
    }

    private async Task DoAsync(HttpMethod method, string path, object content, CancellationToken cancel)
    {
        InfluxAnswer answer = await http.AskAsync(method, path, () => JsonContent.Create(content), retryServerErrors: false, cancel);
        if (!answer.Done) throw new SinkException($"InfluxDB at {options.Url} refuses {method} /{path} ({answer.Status}): {answer.Words}", refused: !answer.Busy);
    }

    private static string Hours(TimeSpan keep) => keep > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(keep.TotalHours)}h") : "INF";
}
