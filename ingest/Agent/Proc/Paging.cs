namespace Pipeline.Ingest.Agent.Proc;

/// <summary>Pages moved since boot: /proc/vmstat (proc_vmstat(5)).</summary>
/// <param name="SwapIn">Pages read from swap.</param>
/// <param name="SwapOut">Pages written to swap.</param>
/// <param name="MajorFaults">Faults that had to wait for a disk.</param>
public readonly record struct Paging(ulong SwapIn, ulong SwapOut, ulong MajorFaults)
{
    /// <summary>Null when the text is not that of /proc/vmstat.</summary>
    public static Paging? Parse(ReadOnlySpan<char> vmstat) =>
        CgroupFiles.ParseStat(vmstat, "pgmajfault") is { } faults
            ? new Paging(CgroupFiles.ParseStat(vmstat, "pswpin") ?? 0, CgroupFiles.ParseStat(vmstat, "pswpout") ?? 0, faults)
            : null;
}
