namespace Pipeline.Ingest.Agent;

/// <summary>What a cgroup has used.</summary>
/// <param name="CpuUsec">CPU time since it was made, microseconds.</param>
/// <param name="MemoryBytes">Memory now, without file cache that the kernel can drop at once.</param>
public readonly record struct CgroupUse(ulong CpuUsec, ulong MemoryBytes);
