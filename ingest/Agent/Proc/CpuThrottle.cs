namespace Pipeline.Ingest.Agent.Proc;

/// <summary>How often the CPU limit of a cgroup has held it up since it was made: cpu.stat (the kernel's Documentation/admin-guide/cgroup-v2.rst).</summary>
/// <param name="Periods">Periods of the scheduler in which it ran.</param>
/// <param name="Throttled">Of them, those in which its quota was used up.</param>
/// <param name="ThrottledUsec">Time that its CPUs were held back, microseconds.</param>
public readonly record struct CpuThrottle(ulong Periods, ulong Throttled, ulong ThrottledUsec)
{
    /// <summary>Null where there is no limit.</summary>
    public static CpuThrottle? Parse(ReadOnlySpan<char> stat) =>
        CgroupFiles.ParseStat(stat, "nr_periods") is { } periods && CgroupFiles.ParseStat(stat, "nr_throttled") is { } throttled
            ? new CpuThrottle(periods, throttled, CgroupFiles.ParseStat(stat, "throttled_usec") ?? 0)
            : null;
}
