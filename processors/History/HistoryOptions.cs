namespace Pipeline.Processors.History;

/// <summary>How far back a history reaches.</summary>
public sealed record HistoryOptions
{
    /// <summary>Window length T in steps.</summary>
    public const int WindowSteps = 36;

    /// <summary>Steps that the long-memory features look back: seven days of 5-minute steps.</summary>
    public const int MemorySteps = 2016;

    /// <summary>Length of a step, milliseconds.</summary>
    public long StepMs { get; init; } = 300_000;

    /// <summary>
    /// Snapshots can be made of the newest step and so many before it. The live path needs the steps that may still be
    /// revised; whoever makes samples from a whole trace sets it to the trace's length.
    /// </summary>
    public int Reach { get; init; } = 4;
}
