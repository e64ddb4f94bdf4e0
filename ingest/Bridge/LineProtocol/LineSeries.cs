using Pipeline.Ingest.Bridge.Points;

namespace Pipeline.Ingest.Bridge.LineProtocol;

/// <summary>What stands before a line's fields: measurement and tags; and the fields that came with it so far.</summary>
internal sealed class LineSeries
{
    private const string HostTag = "host";

    /// <summary>Fields that are remembered; of more, as only a hostile agent sends, each is made again.</summary>
    private const int FieldsMax = 1024;

    private readonly List<KeyValuePair<string, object?>> tags = [];
    private readonly List<LineField> fields = [];

    /// <param name="raw">The line up to the blank before its fields.</param>
    /// <exception cref="BadRecordException">It is not a measurement and tags.</exception>
    public LineSeries(ReadOnlySpan<byte> raw)
    {
        int at = LineText.EndOf(raw, 0, LineText.NameEnds);
        Measurement = LineText.Unescaped(raw[..at]);
        if (Measurement.Length == 0) throw new BadRecordException("the measurement is missing");
        while (at < raw.Length)
        {
            int equals = LineText.EndOf(raw, at + 1, LineText.KeyEnds);
            string key = LineText.Unescaped(raw[(at + 1)..equals]);
            if (equals >= raw.Length || raw[equals] != (byte)'=' || key.Length == 0) throw new BadRecordException($"tag '{key}' of {Measurement} has no value");
            at = LineText.EndOf(raw, equals + 1, LineText.NameEnds);
            string value = LineText.Unescaped(raw[(equals + 1)..at]);
            if (key == HostTag) Host = value;
            else if (tags.Count < PointSeries.AttributesMax) tags.Add(new(key, value));
            else throw new BadRecordException($"{Measurement} has more than {PointSeries.AttributesMax} tags");
        }
    }

    public string Measurement { get; }

    public string? Host { get; }

    public IReadOnlyList<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>A field by its key.</summary>
    /// <param name="key">As it stands in the line.</param>
    /// <param name="place">Which field of the line it is: agents send them in the same order each time.</param>
    public LineField Field(ReadOnlySpan<byte> key, int place)
    {
        if (place < fields.Count && fields[place].Is(key)) return fields[place];
        foreach (LineField field in fields)
            if (field.Is(key)) return field;
        LineField added = new(this, key.ToArray());
        if (fields.Count < FieldsMax) fields.Add(added);
        return added;
    }
}
