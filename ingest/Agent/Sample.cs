using Pipeline.Ingest.Agent.Proc;

namespace Pipeline.Ingest.Agent;

/// <summary>What the machine's counters stand at in one moment. Null: this machine does not tell.</summary>
public sealed record Sample
{
    /// <summary>On a clock that is never set and stands still while the machine is suspended.</summary>
    public required TimeSpan At { get; init; }

    public required CpuTimes Cpu { get; init; }

    /// <summary>CPUs on line.</summary>
    public required int Cpus { get; init; }

    public MemInfo? Memory { get; init; }

    public double? Load1m { get; init; }

    public IReadOnlyDictionary<string, Transferred>? Disks { get; init; }

    public IReadOnlyDictionary<string, Transferred>? Networks { get; init; }

    /// <summary>Use of the container that the agent is in; null when it is in none.</summary>
    public CgroupUse? Container { get; init; }

    /// <summary>Cores that the container may use; null: all.</summary>
    public double? ContainerCores { get; init; }

    /// <summary>Memory that the container may use; null: all.</summary>
    public ulong? ContainerMemoryBytes { get; init; }

    /// <summary>Use of the function workers' cgroup; null when none was named.</summary>
    public CgroupUse? Functions { get; init; }

    /// <summary>Cores that 1 = all of a utilisation means.</summary>
    public double Cores => ContainerCores ?? Cpus;

    /// <summary>Memory that 1 = all of a utilisation means; 0 when unknown.</summary>
    public ulong MemoryBytes => ContainerMemoryBytes ?? Memory?.TotalBytes ?? 0;

    /// <summary>Memory in use, functions included.</summary>
    public ulong? MemoryUsed => ContainerMemoryBytes is not null ? Container?.MemoryBytes : Memory?.TotalBytes - Memory?.AvailableBytes;
}
