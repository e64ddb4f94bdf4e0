using System.IO.Compression;
using System.Text;

namespace Pipeline.Tests.Unit.Infra.Influx;

/// <summary>A request as a server sees it.</summary>
/// <param name="Path">With the query.</param>
/// <param name="Body">Unpacked.</param>
/// <param name="Time">Since the test's start.</param>
internal sealed record FakeRequest(string Method, string Path, string? Authorization, string? ContentType, bool Gzip, int Length, string Body, TimeSpan Time)
{
    public bool IsWrite => Path.Contains("/write?", StringComparison.Ordinal);

    public string[] Lines => Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static FakeRequest Of(HttpRequestMessage request, TimeSpan time)
    {
        MemoryStream sent = new();
        request.Content?.CopyTo(sent, null, CancellationToken.None);
        int length = (int)sent.Length;
        bool gzip = request.Content?.Headers.ContentEncoding.Contains("gzip") ?? false;
        sent.Position = 0;
        using StreamReader body = new(gzip ? new GZipStream(sent, CompressionMode.Decompress) : sent, Encoding.UTF8);
        return new FakeRequest(
            request.Method.Method,
            request.RequestUri!.PathAndQuery,
            request.Headers.Authorization?.ToString(),
            request.Content?.Headers.ContentType?.ToString(),
            gzip,
            length,
            body.ReadToEnd(),
            time);
    }
}
