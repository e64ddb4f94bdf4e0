namespace Pipeline.Ingest.Agent.Spool;

/// <summary>A report as it is sent, and sent again.</summary>
/// <param name="Sequence">Its sequence number.</param>
/// <param name="TimeMs">Its time, Unix milliseconds.</param>
/// <param name="Key">Key of its record: the cell.</param>
/// <param name="Value">Value of its record, byte for byte.</param>
public sealed record SpooledReport(ulong Sequence, long TimeMs, string Key, byte[] Value);
