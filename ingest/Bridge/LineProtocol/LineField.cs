using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>A field of a line's series.</summary>
/// <param name="line">Measurement and tags.</param>
/// <param name="raw">Its key as it stands in the line.</param>
internal sealed class LineField(LineSeries line, byte[] raw)
{
    private static readonly string[] TypeNames = ["float", "integer", "unsigned", "boolean", "string"];

    private readonly PointSeries?[] ofType = new PointSeries?[TypeNames.Length];

    public string Name { get; } = LineText.Unescaped(raw);

    public bool Is(ReadOnlySpan<byte> key) => key.SequenceEqual(raw);

    /// <summary>A field that changes its type is another series.</summary>
    public PointSeries Series(FieldType type) => ofType[(int)type] ??= new PointSeries { Host = line.Host, Metric = line.Measurement, Field = Name, Attributes = line.Tags, Type = TypeNames[(int)type] };
}
