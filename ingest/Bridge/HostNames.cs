using System.Text;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge.Points;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary>
/// Whose point it is. In this order: what the payload says (resource <c>host.name</c>, tag <c>host</c>, Graphite's path), the point's own
/// attribute <c>host.name</c>, the record's header <c>host.name</c> or <c>host</c>, and its key where that is a name.
/// </summary>
internal static class HostNames
{
    private static readonly string[] Headers = ["host.name", "host"];

    public static string? Of(PointSeries series, in StreamRecord record) =>
        series.Host ?? (series.Attribute("host.name") is { Length: > 0 } own ? own : null) ?? OfHeaders(record.Headers) ?? Name(record.Key);

    private static string? OfHeaders(IRecordHeaders? headers)
    {
        if (headers is null) return null;
        foreach (string name in Headers)
            if (headers.TryGet(name, out byte[] value) && Name(value) is { } host) return host;
        return null;
    }

    /// <summary>A hash or a random number as key is no name; a UUID might be one.</summary>
    private static string? Name(byte[] bytes)
    {
        if (bytes is null or { Length: 0 }) return null;
        foreach (byte b in bytes)
            if (b is <= (byte)' ' or >= 0x7F) return null;
        string text = Encoding.ASCII.GetString(bytes);
        return Bounds.Name("host", text) is null ? text : null;
    }
}
