namespace Pipeline.Tests.Faults.AgentOutage;

/// <summary>How long the broker is away, and what its agents go through meanwhile.</summary>
internal sealed record OutageOptions
{
    public TimeSpan Outage { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Kills of each agent while the broker is away; it is killed once more while it sends what waited.</summary>
    public int Kills { get; init; } = 20;

    public int Agents { get; init; } = 2;

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Size of the last agent's spool, MiB; the others have the default, in which a day has room.</summary>
    public double SmallSpoolMegabytes { get; init; } = .0625;

    /// <summary>Of the moments of the kills.</summary>
    public int Seed { get; init; } = 1;
}
