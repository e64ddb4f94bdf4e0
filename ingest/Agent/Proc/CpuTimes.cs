namespace Pipeline.Ingest.Agent.Proc;

/// <summary>
/// Time that all CPUs spent since boot, in ticks of 1/100 s: the first line of /proc/stat (proc_stat(5)).
/// Guest time is a part of user time and is not counted again.
/// </summary>
public readonly record struct CpuTimes(ulong User, ulong Nice, ulong System, ulong Idle, ulong IoWait, ulong Irq, ulong SoftIrq, ulong Steal)
{
    /// <summary>Reads the times and counts the CPUs that are on line; null when the text is not that of /proc/stat.</summary>
    public static (CpuTimes Times, int Cpus)? Parse(ReadOnlySpan<char> stat)
    {
        CpuTimes? times = null;
        int cpus = 0;
        foreach (ReadOnlySpan<char> line in stat.EnumerateLines())
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal)) continue;
            TextFields fields = new(line);
            if (fields.Next().Length > 3) cpus++;
            else if (fields.NextNumber() is { } user && fields.NextNumber() is { } nice && fields.NextNumber() is { } system && fields.NextNumber() is { } idle)
            {
                // Kernels before 2.6.11 have no steal, before 2.6 no iowait and interrupts.
                times = new CpuTimes(user, nice, system, idle, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0);
            }
        }
        return times is { } t ? (t, Math.Max(1, cpus)) : null;
    }

    /// <summary>What was spent since an earlier reading. A time that went back (iowait and steal do so) counts as none.</summary>
    public CpuTimes Since(CpuTimes before) => new(
        Grown(User, before.User), Grown(Nice, before.Nice), Grown(System, before.System), Grown(Idle, before.Idle),
        Grown(IoWait, before.IoWait), Grown(Irq, before.Irq), Grown(SoftIrq, before.SoftIrq), Grown(Steal, before.Steal));

    /// <summary>All ticks.</summary>
    public ulong Total => Busy + Idle + IoWait;

    /// <summary>Ticks in which a CPU did something or, stolen by the hypervisor, could not.</summary>
    public ulong Busy => User + Nice + System + Irq + SoftIrq + Steal;

    private static ulong Grown(ulong now, ulong before) => now > before ? now - before : 0;
}
