namespace Pipeline.Processors.TimeAware;

/// <summary>What is planted, and from when on is looked.</summary>
internal sealed record ChangesOptions
{
    /// <summary>First slot of the trace in which something may be planted and what is told counts.</summary>
    public required int First { get; init; }

    public string Zone { get; init; } = "UTC";

    public int SlotMinutes { get; init; } = 60;

    /// <summary>VMs that get a change of each kind.</summary>
    public int PerKind { get; init; } = 50;

    /// <summary>Load that a level shift adds, share; of a new period the height from trough to crest.</summary>
    public double Shift { get; init; } = .3;

    public double PeriodHours { get; init; } = 6;

    public ulong Seed { get; init; } = 7;
}
