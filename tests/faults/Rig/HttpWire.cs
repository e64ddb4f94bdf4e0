using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Faults.Rig;

/// <summary>One HTTP/1.1 request on a bare connection, so that it can be cut where a real server never would: the framework's listener answers 200 when it is told to abort.</summary>
internal sealed class HttpWire(TcpClient client) : IDisposable
{
    private readonly NetworkStream stream = client.GetStream();
    private string[] head = [];

    /// <summary>Path and query; null when the client has gone.</summary>
    public async Task<string?> ReadHeadAsync(CancellationToken cancel)
    {
        List<byte> bytes = [];
        byte[] one = new byte[1];
        while (bytes.Count < 4 || !Encoding.ASCII.GetString([.. bytes[^4..]]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, cancel) == 0) return null;
            bytes.Add(one[0]);
        }
        head = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return head[0].Split(' ')[1];
    }

    /// <summary>The body, unpacked where it is packed.</summary>
    public async Task<string> ReadBodyAsync(CancellationToken cancel)
    {
        byte[] body = new byte[int.Parse(Header("Content-Length") ?? "0", CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancel);
        using MemoryStream packed = new(body);
        using Stream plain = Header("Content-Encoding") == "gzip" ? new GZipStream(packed, CompressionMode.Decompress) : packed;
        using StreamReader reader = new(plain, Encoding.UTF8);
        return await reader.ReadToEndAsync(cancel);
    }

    /// <summary>Answers, and says that this was the connection's only request.</summary>
    /// <param name="bytesToCome">So many bytes are promised beyond the body.</param>
    public async Task SayAsync(int status, string body, string headers = "", int bytesToCome = 0)
    {
        string length = status == 204 ? "" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + bytesToCome}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Said\r\nX-Influxdb-Version: 1.8.10\r\nConnection: close\r\n{length}{headers}\r\n{body}")));
    }

    /// <summary>Resets the connection.</summary>
    public void Cut()
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    public void Dispose()
    {
        stream.Dispose();
        client.Dispose();
    }

    private string? Header(string name) =>
        head.Skip(1).FirstOrDefault(h => h.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
