using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Benchmarks.Influx;

/// <summary>Answers 204 to everything, as an InfluxDB 1.x that costs nothing; reads a request only to find its end.</summary>
internal sealed class NoContentServer : IDisposable
{
    private static readonly byte[] Answer = "HTTP/1.1 204 No Content\r\nX-Influxdb-Version: 1.6.7\r\n\r\n"u8.ToArray();

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public NoContentServer() => listener.Start();

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public void Dispose() => listener.Dispose();

    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            TcpClient client = await listener.AcceptTcpClientAsync(cancel);
            client.NoDelay = true;
            _ = ServeAsync(client, cancel);
        }
    }

    private static async Task ServeAsync(TcpClient client, CancellationToken cancel)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        byte[] buffer = new byte[256 * 1024];
        int length = 0;
        try
        {
            while (true)
            {
                int end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
                if (end < 0)
                {
                    if (length == buffer.Length) return;
                    int read = await stream.ReadAsync(buffer.AsMemory(length), cancel);
                    if (read == 0) return;
                    length += read;
                    continue;
                }
                long rest = BodyLength(Encoding.ASCII.GetString(buffer, 0, end)) - (length - end - 4);
                while (rest > 0)
                {
                    int read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(rest, buffer.Length)), cancel);
                    if (read == 0) return;
                    rest -= read;
                }
                length = 0;
                await stream.WriteAsync(Answer, cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
    }

    private static long BodyLength(string head)
    {
        string? line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : long.Parse(line.AsSpan("Content-Length:".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }
}
