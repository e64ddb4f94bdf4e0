using System.IO.Compression;
using System.Net;
using System.Text;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>Answers requests as it is told, and remembers them. It says which version it is by itself.</summary>
internal sealed class FakeServer(string version, Func<FakeServer.Request, HttpResponseMessage> answer) : HttpMessageHandler
{
    public sealed record Request(string Path, string? Authorization, string Body)
    {
        public int Lines => Body.Count(c => c == '\n');
    }

    /// <summary>All but the questions for the version.</summary>
    public List<Request> Requests { get; } = [];

    public static HttpResponseMessage Of(HttpStatusCode status, string body = "", TimeSpan? retryAfter = null)
    {
        HttpResponseMessage response = new(status) { Content = new StringContent(body) };
        if (retryAfter is { } wait) response.Headers.RetryAfter = new(wait);
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.PathAndQuery.TrimStart('/');
        if (path == "ping")
        {
            HttpResponseMessage pong = Of(HttpStatusCode.NoContent);
            pong.Headers.Add("X-Influxdb-Version", version);
            return pong;
        }
        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        if (request.Content?.Headers.ContentEncoding.Contains("gzip") == true) body = Unpack(body);
        Requests.Add(new Request(path, request.Headers.Authorization?.ToString(), Encoding.UTF8.GetString(body)));
        return answer(Requests[^1]);
    }

    private static byte[] Unpack(byte[] body)
    {
        using GZipStream packed = new(new MemoryStream(body), CompressionMode.Decompress);
        using MemoryStream plain = new();
        packed.CopyTo(plain);
        return plain.ToArray();
    }
}
