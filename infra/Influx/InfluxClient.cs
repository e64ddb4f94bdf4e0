using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

/// <summary>
/// A client of InfluxDB 1.x, 2.x and 3.x; which of them answers is found out at the first call. Writes are acknowledged:
/// when <see cref="WriteAsync"/> returns, every point is stored or rejected for good. One write at a time with
/// <see cref="InfluxOptions.RequestsMax"/> requests, so memory is so many encoded batches. Safe to use from several threads.
/// </summary>
public sealed partial class InfluxClient : ITimeSeriesSink, IDisposable
{
    private readonly InfluxOptions options;
    private readonly InfluxHttp http;
    private readonly ILogger log;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly List<WriteLane> lanes = [];
    private InfluxVersion? server;

    /// <param name="handler">What carries the requests; null: sockets. The caller keeps it.</param>
    /// <exception cref="CommandLine.UserException">The options are wrong.</exception>
    public InfluxClient(InfluxOptions options, ILoggerFactory log, TimeProvider time, HttpMessageHandler? handler = null)
    {
        options.Validate();
        this.options = options;
        this.log = log.CreateLogger("Pipeline.Influx");
        http = new InfluxHttp(options, this.log, time, handler);
    }

    /// <inheritdoc/>
    public async Task<WriteResult> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel)
    {
        InfluxVersion version = await ServerAsync(cancel);
        string path = WritePath(version);
        await writing.WaitAsync(cancel);
        try
        {
            // A lane for each full request; more would only make requests smaller.
            int count = Math.Clamp(points.Count / options.LinesMax, 1, options.RequestsMax);
            while (lanes.Count < count) lanes.Add(new WriteLane(lanes.Count));
            (LineSender Sender, List<RejectedPoint> Unwritten, long FieldsDropped)[] ended =
                await Task.WhenAll(lanes.Take(count).Select(lane => lane.WriteAsync(points, count, http, options, path, version, cancel)));
            int stored = ended.Sum(e => e.Sender.Stored);
            List<RejectedPoint> rejected = [.. ended.SelectMany(e => e.Unwritten), .. ended.SelectMany(e => e.Sender.Finish(stored)).Select(r => new RejectedPoint(r.Source, points[r.Source], r.Reason))];
            return new WriteResult(stored, rejected, (int)ended.Sum(e => e.FieldsDropped));
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Asks the server which version it is; the answer is kept.</summary>
    /// <exception cref="SinkException">No answer, or the URL is not that of an InfluxDB.</exception>
    public async Task<InfluxVersion> ServerAsync(CancellationToken cancel)
    {
        if (server is { } known) return known;
        using HttpResponseMessage ping = await http.OpenAsync(HttpMethod.Get, "ping", () => null, retryServerErrors: true, cancel);
        string said = await http.BodyAsync(ping, cancel);
        InfluxVersion? found = FromHeader(ping) ?? FromJson(said);
        InfluxAnswer answer = new((int)ping.StatusCode, InfluxAnswer.WordsOf(said), null);
        if (found is null && (answer.Busy || answer.ServerError))
            throw new SinkException($"InfluxDB at {options.Url} is not ready ({answer.Status}): {answer.Words}", refused: false);
        if (found is null)
        {
            using HttpResponseMessage health = await http.OpenAsync(HttpMethod.Get, "health", () => null, retryServerErrors: true, cancel);
            found = FromHeader(health) ?? FromJson(await http.BodyAsync(health, cancel));
        }
        if (found is null)
            throw new SinkException($"{options.Url} does not say which InfluxDB it is: /ping answered {(int)ping.StatusCode}. Check the URL, and that what stands between passes /ping", refused: true);
        log.LogInformation("InfluxDB {Version} at {Server}", found, options);
        return server = found;
    }

    public void Dispose()
    {
        http.Dispose();
        writing.Dispose();
        foreach (WriteLane lane in lanes) lane.Dispose();
    }

    private string WritePath(InfluxVersion version)
    {
        string target = Uri.EscapeDataString(options.Target);
        if (!version.HasBuckets) return $"write?db={target}&precision=ns";
        // 3.x knows no organisations; 2.x cannot do without.
        if (version.Major == 2 && options.Organisation is null)
            throw new SinkException($"InfluxDB {version} wants an organisation: give --org", refused: true);
        string org = options.Organisation is { } name ? $"org={Uri.EscapeDataString(name)}&" : "";
        return $"api/v2/write?{org}bucket={target}&precision=ns";
    }

    private static InfluxVersion? FromHeader(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Influxdb-Version", out IEnumerable<string>? values) ? InfluxVersion.Parse(values.First()) : null;

    /// <summary>{"version": ..}: /health of 2.x, /ping of 3.x.</summary>
    private static InfluxVersion? FromJson(string body)
    {
        if (!body.TrimStart().StartsWith('{')) return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.String
                ? InfluxVersion.Parse(version.GetString())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
