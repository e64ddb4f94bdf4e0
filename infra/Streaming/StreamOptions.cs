namespace Pipeline.Infra.Streaming;

/// <summary>How the loop batches and commits.</summary>
public sealed record StreamOptions
{
    /// <summary>Distinguishes instances of one service; part of the transactional id. Two live instances with the same one fence each other.</summary>
    public string Instance { get; init; } = "0";

    /// <summary>A transaction is committed after this time, or sooner when a limit is reached. Zero: as soon as no more input is waiting.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A transaction is committed after so many input records.</summary>
    public int CommitRecords { get; init; } = 10_000;

    /// <summary>How much is held at most.</summary>
    public StreamLimits Limits { get; init; } = StreamLimits.Default;
}
