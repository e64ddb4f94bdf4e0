namespace Pipeline.Ingest.Agent.Spool;

/// <summary>What a record of a spool is, as its first four bytes say ("RPT1", ... in ASCII).</summary>
internal enum RecordKind : uint
{
    /// <summary>A report: sequence number (u64), time (i64, Unix ms), length of key (u16), key, value.</summary>
    Report = 0x31545052,

    /// <summary>The cluster has a range of reports: first and last sequence number (u64 each).</summary>
    Settled = 0x314B4341,

    /// <summary>A range of reports was given up, those of them that were not settled: first, last, reports given up in all (u64 each).</summary>
    Dropped = 0x31505244,

    /// <summary>At the begin of a file, twice: the next sequence number, reports given up in all (u64 each).</summary>
    State = 0x31545453,
}
