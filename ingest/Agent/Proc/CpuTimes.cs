using System.Globalization;

namespace Pipeline.Ingest.Agent.Proc;

/// <summary>
/// Time that all CPUs spent since boot, in ticks of 1/100 s: the first line of /proc/stat (proc_stat(5)).
/// Guest time is a part of user time and is not counted again.
/// </summary>
public readonly record struct CpuTimes(ulong User, ulong Nice, ulong System, ulong Idle, ulong IoWait, ulong Irq, ulong SoftIrq, ulong Steal)
{
    /// <summary>Reads the times and counts the CPUs that are on line; null when the text is not that of /proc/stat.</summary>
    public static (CpuTimes Times, int Cpus)? Parse(ReadOnlySpan<char> stat) => Parse(stat, null);

    /// <summary>Likewise; the times of each CPU that is on line go into <paramref name="cores"/>, by its number.</summary>
    public static (CpuTimes Times, int Cpus)? Parse(ReadOnlySpan<char> stat, Dictionary<int, CpuTimes>? cores)
    {
        CpuTimes? times = null;
        int cpus = 0;
        foreach (ReadOnlySpan<char> line in stat.EnumerateLines())
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal)) continue;
            TextFields fields = new(line);
            ReadOnlySpan<char> name = fields.Next();
            if (name.Length > 3) cpus++;
            if (name.Length > 3 && cores is null) continue;
            if (fields.NextNumber() is not { } user || fields.NextNumber() is not { } nice || fields.NextNumber() is not { } system || fields.NextNumber() is not { } idle) continue;
            // Kernels before 2.6.11 have no steal, before 2.6 no iowait and interrupts.
            CpuTimes read = new(user, nice, system, idle, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0, fields.NextNumber() ?? 0);
            if (name.Length == 3) times = read;
            else if (int.TryParse(name[3..], NumberStyles.None, CultureInfo.InvariantCulture, out int core)) cores![core] = read;
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
