namespace Pipeline.Ingest.Bridge.Points;

/// <summary>Reads the records of one format. A pure function of the bytes.</summary>
public interface IPointDecoder
{
    /// <summary>Adds the points of a record.</summary>
    /// <param name="value">The record's value.</param>
    /// <param name="timestampUnixMs">The record's own time, for points that carry none.</param>
    /// <param name="points">Where to.</param>
    /// <exception cref="BadRecordException">It is not of this format.</exception>
    void Decode(ReadOnlySpan<byte> value, long timestampUnixMs, List<MetricPoint> points);
}
