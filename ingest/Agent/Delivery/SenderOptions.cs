namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>How what waits in the spool is sent beside the fresh reports.</summary>
public sealed record SenderOptions
{
    /// <summary>Reports of the spool per second: an hour at 10 s is back in 8 s, and ten thousand agents that come back at once are bearable.</summary>
    public int DrainPerSecond { get; init; } = 50;

    /// <summary>Reports of the spool that are under way at a time.</summary>
    public int DrainWindow { get; init; } = 100;

    /// <summary>Between two looks at the spool, while something waits and the cluster answers.</summary>
    public static readonly TimeSpan DrainEvery = TimeSpan.FromMilliseconds(100);
}
