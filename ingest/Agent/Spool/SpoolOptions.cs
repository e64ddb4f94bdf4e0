namespace Pipeline.Ingest.Agent.Spool;

/// <summary>Where reports wait for a cluster that is away, and how many.</summary>
public sealed record SpoolOptions
{
    /// <summary>A folder of its own; made where it is missing.</summary>
    public required string Folder { get; init; }

    /// <summary>All files together. At 10 s and 400 bytes a report 16 MiB are four days.</summary>
    public long BytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Older reports are given up: vm.metrics keeps a day, nobody would read them.</summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Whether each report is forced to the disk before it is sent. Without it a report survives whatever happens to the process, but not a
    /// loss of power, after which its number could be used again.
    /// </summary>
    public bool Sync { get; init; } = true;

    /// <summary>The least that a spool may be told to hold.</summary>
    public const long BytesLeast = 64 * 1024;

    /// <summary>A file is closed at this size; what is dropped for want of room is a file at a time.</summary>
    public long SegmentBytes => Math.Clamp(BytesMax / 16, 4 * 1024, 1024 * 1024);
}
