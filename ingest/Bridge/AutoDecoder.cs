using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge;

/// <summary>Finds out the format of each record and decodes it.</summary>
internal sealed class AutoDecoder(string graphitePrefix) : IPointDecoder
{
    private readonly Dictionary<AgentFormat, IPointDecoder> decoders = [];

    public void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points)
    {
        if (AgentFormats.Detect(value) is not { } format) throw new BadRecordException("the format is none of those that are known");
        if (!decoders.TryGetValue(format, out IPointDecoder? decoder)) decoders[format] = decoder = AgentFormats.Decoder(format, graphitePrefix);
        decoder.Decode(value, timestampUnixMs, points);
    }
}
