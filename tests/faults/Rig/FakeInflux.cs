using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>An InfluxDB 1.x that keeps points by identity only, and misbehaves on demand.</summary>
internal sealed class FakeInflux : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<InfluxMood> moods = new();
    private readonly PointLedger points = new();
    private readonly List<Point> kept = [];
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private long requests, lines;

    public FakeInflux()
    {
        listener.Start();
        Url = $"http://{listener.LocalEndpoint}/";
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
        await accepting;
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = Task.Run(() => AnswerAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // All is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using HttpWire wire = new(client);
        try
        {
            if (await wire.ReadHeadAsync(stop.Token) is not { } path) return;
            if (path.StartsWith("/write", StringComparison.Ordinal)) await WriteAsync(wire);
            else if (path.StartsWith("/query", StringComparison.Ordinal)) await wire.SayAsync(200, """{"results":[{"statement_id":0}]}""");
            else await wire.SayAsync(204, "");
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has hung up, or all is over.
        }
    }

    private async Task WriteAsync(HttpWire wire)
    {
        Interlocked.Increment(ref requests);
        string[] written = (await wire.ReadBodyAsync(stop.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
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
            case InfluxMood.Willing: await wire.SayAsync(204, ""); break;
            case InfluxMood.BadRequest: await wire.SayAsync(400, """{"error":"partial write: field type conflict dropped=1"}"""); break;
            case InfluxMood.Unauthorized: await wire.SayAsync(401, """{"error":"authorization failed"}"""); break;
            case InfluxMood.TooLarge: await wire.SayAsync(413, """{"error":"Request Entity Too Large"}"""); break;
            case InfluxMood.Unprocessable: await wire.SayAsync(422, """{"error":"unprocessable entity"}"""); break;
            case InfluxMood.TooMany: await wire.SayAsync(429, "slow down", "Retry-After: 1\r\n"); break;
            case InfluxMood.ServerError: await wire.SayAsync(500, """{"error":"internal error"}"""); break;
            case InfluxMood.Unavailable: await wire.SayAsync(503, "no healthy upstream"); break;
            case InfluxMood.CutsBefore or InfluxMood.StoresAndCuts: wire.Cut(); break;
            case InfluxMood.Hangs or InfluxMood.StoresAndHangs: await Task.Delay(Timeout.Infinite, stop.Token); break;
            case InfluxMood.HangsInBody:
                await wire.SayAsync(200, "{", bytesToCome: 1000);
                await Task.Delay(Timeout.Infinite, stop.Token);
                break;
        }
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
}
