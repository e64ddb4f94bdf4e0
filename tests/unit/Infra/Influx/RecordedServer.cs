using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>A server on loopback that says, byte for byte, what a real one said. Knows of the request only where its body ends.</summary>
internal sealed class RecordedServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string version;
    private readonly CancellationTokenSource stop = new();

    public RecordedServer(string version)
    {
        this.version = version;
        listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        _ = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>What is said next to everything but /ping.</summary>
    public JsonElement Response { get; set; }

    /// <summary>The body of a recorded message; null where only its beginning is recorded.</summary>
    public static byte[]? Body(JsonElement message)
    {
        if (!message.TryGetProperty("body", out JsonElement body)) return [];
        if (body.TryGetProperty("text", out JsonElement text)) return Encoding.UTF8.GetBytes(text.GetString()!);
        return body.TryGetProperty("b64", out JsonElement packed) ? packed.GetBytesFromBase64() : null;
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        string path = await ReadRequestAsync(stream);
        byte[] answer = path.StartsWith("/ping", StringComparison.Ordinal)
            ? Encoding.ASCII.GetBytes($"HTTP/1.1 204 No Content\r\nX-Influxdb-Version: {version}\r\nConnection: close\r\n\r\n")
            : [.. Head(), .. Body(Response)!];
        await stream.WriteAsync(answer, stop.Token);
    }

    private byte[] Head()
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Response.GetProperty("status").GetInt32()} Recorded\r\n");
        foreach (JsonElement header in Response.GetProperty("headers").EnumerateArray())
        {
            // The body is sent as a whole, and the connection closed behind it.
            if (header[0].GetString() is not ("Transfer-Encoding" or "Content-Length" or "Connection")) head.Append(CultureInfo.InvariantCulture, $"{header[0].GetString()}: {header[1].GetString()}\r\n");
        }
        return Encoding.ASCII.GetBytes(head.Append("Connection: close\r\n\r\n").ToString());
    }

    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        List<byte> seen = [];
        byte[] one = new byte[1];
        while (!(seen.Count >= 4 && seen[^1] == '\n' && seen[^2] == '\r' && seen[^3] == '\n'))
        {
            if (await stream.ReadAsync(one, stop.Token) == 0) break;
            seen.Add(one[0]);
        }
        string head = Encoding.ASCII.GetString([.. seen]);
        string? length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (length is not null) await stream.ReadExactlyAsync(new byte[int.Parse(length.AsSpan(15), CultureInfo.InvariantCulture)], stop.Token);
        else if (head.Contains("chunked", StringComparison.OrdinalIgnoreCase)) await ReadChunksAsync(stream);
        return head.Split(' ') is [_, { } path, ..] ? path : "";
    }

    private async Task ReadChunksAsync(NetworkStream stream)
    {
        StringBuilder tail = new();
        byte[] one = new byte[1];
        while (!tail.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, stop.Token) > 0) tail.Append((char)one[0]);
    }
}
