using Pipeline.Infra.TimeSeries;

namespace Pipeline.Infra.Influx;

/// <summary>
/// One of the requests that a write may have under way at a time, with buffers of its own that are reused. A lane takes the points of its
/// series, in their order, one request after the other: of two points of one identity the later one stays.
/// </summary>
internal sealed class WriteLane(int lane) : IDisposable
{
    private readonly LineBatch batch = new();
    private readonly MemoryStream packed = new();

    /// <summary>Encodes and sends what is this lane's of the points.</summary>
    /// <param name="lanes">Lanes in use, this one among them.</param>
    /// <returns>What became of it, and the points that no line could be written for.</returns>
    public async Task<(LineSender Sender, List<RejectedPoint> Unwritten, long FieldsDropped)> WriteAsync(
        IReadOnlyList<Point> points, int lanes, InfluxHttp http, InfluxOptions options, string path, InfluxVersion version, CancellationToken cancel)
    {
        LineSender sender = new(http, options, path, version, packed);
        LineProtocolWriter writer = new(TimePrecision.Nanosecond, version.HasUnsigned);
        List<RejectedPoint> unwritten = [];
        batch.Clear();
        for (int i = 0; i < points.Count; i++)
        {
            if (lanes > 1 && LaneOf(points[i], lanes) != lane) continue;
            if (!writer.TryWrite(points[i], i, batch, out string reason)) unwritten.Add(new RejectedPoint(i, points[i], reason));
            if (batch.Count < options.LinesMax && batch.Length < options.BytesMax) continue;
            await sender.SendAsync(batch, cancel);
            batch.Clear();
        }
        if (batch.Count > 0) await sender.SendAsync(batch, cancel);
        return (sender, unwritten, writer.FieldsDropped);
    }

    public void Dispose() => packed.Dispose();

    /// <summary>By series; the order of tags, and empty ones, make no other series.</summary>
    private static int LaneOf(Point point, int lanes)
    {
        uint hash = (uint)point.Measurement.GetHashCode(StringComparison.Ordinal);
        foreach (Tag tag in point.Tags)
            if (tag.Value.Length > 0) hash += (uint)HashCode.Combine(tag.Key, tag.Value);
        return (int)(hash % (uint)lanes);
    }
}
