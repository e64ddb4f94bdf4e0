namespace Pipeline.Ingest.Agent.Spool;

/// <summary>Where a report that waits stands.</summary>
/// <param name="Segment">Its file.</param>
/// <param name="Offset">Where its record begins, bytes.</param>
/// <param name="Length">Length of the record, bytes.</param>
/// <param name="TimeMs">The report's time, Unix milliseconds.</param>
internal sealed record SpoolEntry(SpoolSegment Segment, long Offset, int Length, long TimeMs);
