using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Pipeline.Infra.TimeSeries;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>An InfluxDB 1.x that keeps points by identity only, and misbehaves on demand.</summary>
internal sealed class FakeInflux : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<InfluxMood> moods = new();
    private readonly PointLedger points = new();
    private readonly List<Point> kept = [];
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private long requests, lines;

    public FakeInflux()
    {
        Url = $"http://127.0.0.1:{KafkaBroker.FreePort()}/";
        listener.Prefixes.Add(Url);
        listener.Start();
        accepting = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>How it will take the next writes, one each.</summary>
    public int MoodsLeft => moods.Count;

    public long Distinct
    {
        get
        {
            lock (gate) return points.Distinct;
        }
    }

    /// <summary>Lines that were written, repeats counted.</summary>
    public long Lines => Interlocked.Read(ref lines);

    public long Requests => Interlocked.Read(ref requests);

    /// <summary>One of each identity, without fields.</summary>
    public IReadOnlyList<Point> Points
    {
        get
        {
            lock (gate) return [.. kept];
        }
    }

    public void Expect(InfluxMood mood) => moods.Enqueue(mood);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Close();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                HttpListenerContext context = await listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            if (context.Request.Url!.AbsolutePath.EndsWith("/write", StringComparison.Ordinal)) await WriteAsync(context);
            else if (context.Request.Url.AbsolutePath.EndsWith("/query", StringComparison.Ordinal)) await SayAsync(context, 200, """{"results":[{"statement_id":0}]}""");
            else await SayAsync(context, 204, "");
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // The client has hung up, or all is over.
        }
    }

    private async Task WriteAsync(HttpListenerContext context)
    {
        Interlocked.Increment(ref requests);
        string[] written = await ReadAsync(context.Request);
        if (!moods.TryDequeue(out InfluxMood mood)) mood = InfluxMood.Willing;
        // A server that blames a single line loses it for good, and rightly so: these lines are all good, so it does so to batches only.
        if (written.Length == 1 && mood is InfluxMood.BadRequest or InfluxMood.TooLarge or InfluxMood.Unprocessable) mood = InfluxMood.Willing;
        int taken = mood switch
        {
            InfluxMood.Willing or InfluxMood.StoresAndCuts or InfluxMood.StoresAndHangs or InfluxMood.HangsInBody => written.Length,
            InfluxMood.BadRequest => written.Length / 2,
            _ => 0,
        };
        Keep(written.AsSpan(0, taken));
        switch (mood)
        {
            case InfluxMood.Willing: await SayAsync(context, 204, ""); break;
            case InfluxMood.BadRequest: await SayAsync(context, 400, """{"error":"partial write: field type conflict dropped=1"}"""); break;
            case InfluxMood.Unauthorized: await SayAsync(context, 401, """{"error":"authorization failed"}"""); break;
            case InfluxMood.TooLarge: await SayAsync(context, 413, """{"error":"Request Entity Too Large"}"""); break;
            case InfluxMood.Unprocessable: await SayAsync(context, 422, """{"error":"unprocessable entity"}"""); break;
            case InfluxMood.TooMany:
                context.Response.AddHeader("Retry-After", "1");
                await SayAsync(context, 429, "slow down");
                break;
            case InfluxMood.ServerError: await SayAsync(context, 500, """{"error":"internal error"}"""); break;
            case InfluxMood.Unavailable: await SayAsync(context, 503, "no healthy upstream"); break;
            case InfluxMood.CutsBefore or InfluxMood.StoresAndCuts: context.Response.Abort(); break;
            case InfluxMood.Hangs or InfluxMood.StoresAndHangs: await Task.Delay(Timeout.Infinite, stop.Token); break;
            case InfluxMood.HangsInBody: await HangInBodyAsync(context); break;
        }
    }

    /// <summary>Headers and the beginning of a body, and then nothing more.</summary>
    private async Task HangInBodyAsync(HttpListenerContext context)
    {
        context.Response.StatusCode = 200;
        context.Response.ContentLength64 = 1000;
        await context.Response.OutputStream.WriteAsync("{"u8.ToArray(), stop.Token);
        await context.Response.OutputStream.FlushAsync(stop.Token);
        await Task.Delay(Timeout.Infinite, stop.Token);
    }

    private void Keep(ReadOnlySpan<string> written)
    {
        Interlocked.Add(ref lines, written.Length);
        lock (gate)
        {
            foreach (string line in written)
            {
                Point point = LineIdentity.Parse(line);
                if (points.Add(point)) kept.Add(point);
            }
        }
    }

    private static async Task<string[]> ReadAsync(HttpListenerRequest request)
    {
        await using Stream body = request.Headers["Content-Encoding"] == "gzip" ? new GZipStream(request.InputStream, CompressionMode.Decompress) : request.InputStream;
        using StreamReader reader = new(body, Encoding.UTF8);
        return (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task SayAsync(HttpListenerContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.AddHeader("X-Influxdb-Version", "1.8.10");
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }
}
