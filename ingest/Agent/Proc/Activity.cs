namespace Pipeline.Ingest.Agent.Proc;

/// <summary>What the scheduler has done since boot, and what it has to do now: /proc/stat (proc_stat(5)). Null: this kernel does not tell.</summary>
/// <param name="ContextSwitches">Since boot.</param>
/// <param name="ProcessesCreated">Since boot, threads included.</param>
/// <param name="Running">Tasks that run or want to, now.</param>
/// <param name="Blocked">Tasks that wait for a disk, now.</param>
public readonly record struct Activity(ulong? ContextSwitches, ulong? ProcessesCreated, ulong? Running, ulong? Blocked)
{
    public static Activity Parse(ReadOnlySpan<char> stat) => new(
        CgroupFiles.ParseStat(stat, "ctxt"),
        CgroupFiles.ParseStat(stat, "processes"),
        CgroupFiles.ParseStat(stat, "procs_running"),
        CgroupFiles.ParseStat(stat, "procs_blocked"));
}
