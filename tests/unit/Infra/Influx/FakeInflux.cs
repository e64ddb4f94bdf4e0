using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>
/// A server without sockets, and a clock that only this test moves. Everything happens on the test's thread: a request is
/// answered within its sending, a pause ends within <see cref="FakeTimeProvider.Advance"/>.
/// </summary>
/// <param name="answer">To everything but /ping; null: no answer, ever.</param>
internal sealed class FakeInflux(string version, Func<FakeRequest, HttpResponseMessage?> answer) : HttpMessageHandler
{
    public const string One = "1.6.7~rc0", Two = "v2.7.12", Three = "3.2.1";

    /// <summary>Pauses are seen to end at its multiples.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_795_411_000);
    private static readonly Uri Url = new("http://influx:8086");

    public static InfluxOptions OneOptions { get; } = new() { Url = Url, Database = "vm", User = "admin", Password = "pass" };

    public static InfluxOptions TwoOptions { get; } = new() { Url = Url, Bucket = "vm", Organisation = "acme", Token = "TOKEN" };

    public static InfluxOptions ThreeOptions { get; } = new() { Url = Url, Database = "vm", Token = "TOKEN" };

    public FakeTimeProvider Time { get; } = new(Start);

    public TimeSpan Elapsed => Time.GetUtcNow() - Start;

    /// <summary>How /ping is answered; like 1.x and 2.x if not said.</summary>
    public Func<HttpResponseMessage>? Ping { get; init; }

    public List<FakeRequest> Requests { get; } = [];

    public List<FakeRequest> Writes => [.. Requests.Where(r => r.IsWrite)];

    public InfluxOptions Options { get; init; } = version == One ? OneOptions : version == Two ? TwoOptions : ThreeOptions;

    public static HttpResponseMessage Says(HttpStatusCode status, string body = "") => new(status) { Content = new StringContent(body, Encoding.UTF8) };

    public static HttpResponseMessage Done() => new(HttpStatusCode.NoContent);

    public static HttpResponseMessage Busy(string retryAfter)
    {
        HttpResponseMessage response = Says(HttpStatusCode.TooManyRequests, "slow down");
        response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        return response;
    }

    public static Point Point(int i) => new("m", [new Tag("vm", "a")], [new Field("v", (long)i)], Start.ToUnixTimeMilliseconds() * 1_000_000 + i);

    public WriteResult Write(params Point[] points) => Run(client => client.WriteAsync(points, CancellationToken.None));

    public List<InfluxRow> Query(string influxQl)
    {
        List<InfluxRow> rows = [];
        Query(influxQl, rows);
        return rows;
    }

    /// <param name="into">Gets the rows as they come.</param>
    public void Query(string influxQl, List<InfluxRow> into) => Run(async client =>
    {
        await foreach (InfluxRow row in client.QueryAsync(influxQl)) into.Add(row);
        return true;
    });

    /// <summary>Moves the clock until the work is done.</summary>
    /// <param name="stop">Ends the moving, since a pause that is given up ends on another thread.</param>
    public T Run<T>(Func<InfluxClient, Task<T>> work, CancellationToken stop = default)
    {
        SynchronizationContext? around = SynchronizationContext.Current;
        // With it, what follows a pause would run on another thread.
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            using InfluxClient client = new(Options, NullLoggerFactory.Instance, Time, this);
            Task<T> task = work(client);
            while (!task.IsCompleted && !stop.IsCancellationRequested)
            {
                Assert.True(Elapsed < TimeSpan.FromHours(1), "waits for something that is not time");
                Time.Advance(Tick);
            }
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(around);
        }
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        FakeRequest seen = FakeRequest.Of(request, Elapsed);
        Requests.Add(seen);
        HttpResponseMessage? response = seen.Path.EndsWith("/ping", StringComparison.Ordinal) ? Pong() : answer(seen);
        if (response is not null) return Task.FromResult(response);
        TaskCompletionSource<HttpResponseMessage> never = new();
        cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return never.Task;
    }

    private HttpResponseMessage Pong()
    {
        if (Ping is not null) return Ping();
        HttpResponseMessage pong = Done();
        pong.Headers.Add("X-Influxdb-Version", version);
        return pong;
    }
}
