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

    public LoadAverage? Load { get; init; }

    /// <summary>Times of each CPU, by its number.</summary>
    public IReadOnlyDictionary<int, CpuTimes>? CoreTimes { get; init; }

    public Activity Activity { get; init; }

    public Paging? Paging { get; init; }

    /// <summary>Of the container where it has limits, else of the machine.</summary>
    public Pressure? CpuPressure { get; init; }

    public Pressure? MemoryPressure { get; init; }

    public Pressure? IoPressure { get; init; }

    /// <summary>Of the container that the agent is in; null when it has no CPU limit.</summary>
    public CpuThrottle? Throttle { get; init; }

    /// <summary>Processes, counted only where a sample ends an interval.</summary>
    public int? Processes { get; init; }

    public IReadOnlyDictionary<string, DeviceCounters>? Disks { get; init; }

    public IReadOnlyDictionary<string, DeviceCounters>? Networks { get; init; }

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
