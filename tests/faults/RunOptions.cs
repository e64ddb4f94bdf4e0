namespace Pipeline.Tests.Faults;

/// <summary>How long and how often.</summary>
internal sealed record RunOptions
{
    /// <summary>Injections; null: what the fault does by itself.</summary>
    public int? Times { get; init; }

    /// <summary>Load lasts at least so long, even when all injections are done.</summary>
    public int Seconds { get; init; } = 15;

    /// <summary>Of the injections: which service, when, for how long.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Where what the services said is kept; null: nowhere.</summary>
    public DirectoryInfo? Logs { get; init; }
}
