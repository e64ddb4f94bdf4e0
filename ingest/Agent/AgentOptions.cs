using Pipeline.Ingest.Agent.Cadence;

namespace Pipeline.Ingest.Agent;

/// <summary>Which machine an agent reads and how often it reports.</summary>
public sealed record AgentOptions
{
    /// <summary>Shorter samples are not worth their cost: CPU time is counted in ticks of 10 ms.</summary>
    public static readonly TimeSpan SampleMin = TimeSpan.FromMilliseconds(500);

    /// <summary>A peak shorter than this does not hold up a function by much.</summary>
    public static readonly TimeSpan SampleMax = TimeSpan.FromSeconds(5);

    /// <summary>Name of the VM in reports.</summary>
    public required string Vm { get; init; }

    /// <summary>Cell of the VM.</summary>
    public required string Cell { get; init; }

    /// <summary>Which machine it is, so that another one of the same name is not taken for it; empty: not told.</summary>
    public string HostId { get; init; } = "";

    /// <summary>The physical machine that the VM runs on; empty: not told.</summary>
    public string Hypervisor { get; init; } = "";

    /// <summary>Whom the VM belongs to; empty: not told.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Time between two reports; the shortest, where it adapts.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When it may report less often; by default never.</summary>
    public CadenceOptions Cadence { get; init; } = new() { PartsMax = 1 };

    /// <summary>Where proc is mounted.</summary>
    public string ProcRoot { get; init; } = "/proc";

    /// <summary>Where cgroup v2 is mounted.</summary>
    public string CgroupRoot { get; init; } = "/sys/fs/cgroup";

    /// <summary>The cgroup that function workers run in, below the root; null: none.</summary>
    public string? FunctionsCgroup { get; init; }

    /// <summary>Samples of an interval: at least 1, about 10, as far as their limits allow.</summary>
    public int Samples => (int)Math.Max(1, Math.Round(Interval / TimeSpan.FromTicks(Math.Clamp(Interval.Ticks / 10, SampleMin.Ticks, SampleMax.Ticks))));
}
