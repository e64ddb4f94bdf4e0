namespace Pipeline.Local.View;

/// <summary>What the live view shows of a run at one moment.</summary>
public sealed record RunFigures
{
    /// <summary>Event time that the replay has reached.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Share of the trace that is played, 0..1.</summary>
    public required double Progress { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required long Reports { get; init; }

    public required long Steps { get; init; }

    public required long Snapshots { get; init; }

    public required long Communities { get; init; }

    public required long VmPredictions { get; init; }

    /// <summary>Share of VMs that will hardly be busy within 30 minutes, 0..1.</summary>
    public required double FreeShare { get; init; }

    public required long Invocations { get; init; }

    public required long Dispatched { get; init; }

    public required long Rejected { get; init; }

    public required long Completed { get; init; }

    public required long ColdStarts { get; init; }

    public required long DeadLetters { get; init; }

    public required long Points { get; init; }

    /// <summary>Service and records waiting for it.</summary>
    public required IReadOnlyList<(string Service, long Lag, long Restarts)> Services { get; init; }
}
