using Pipeline.Schemas.Validation;

namespace Pipeline.Processors.Windows;

/// <summary>How reports become steps, and steps snapshots.</summary>
public sealed record StepOptions
{
    /// <summary>Length of a step. Features count steps and are meant for 5 minutes.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A step closes when event time is so far past its end, even if VMs that were expected are silent.</summary>
    public TimeSpan CloseDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reports up to so long after a step's end still revise it.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A report this much ahead of its record's time (the broker's) comes from a clock that is wrong: it is put into no step and does not move
    /// the cell's event time. More than clocks that are kept by NTP differ by, less than a step.
    /// </summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The similarity graph and the communities are made anew every so many steps.</summary>
    public int RefreshSteps { get; init; } = 12;

    /// <summary>Seed of the community detection.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether snapshots and communities are made of the steps; without them the processor only down-samples.</summary>
    public bool Snapshots { get; init; } = true;

    /// <summary>What may be revised is kept report by report. Below <see cref="SilentStepsMax"/> less a window, so that who leaves has no report that could still be revised.</summary>
    public const int GraceStepsMax = 240;

    /// <summary>The graph may be made anew this rarely: VMs that left are forgotten with it.</summary>
    public const int RefreshStepsMax = 288;

    /// <summary>A VM that is silent for so many steps has left: it is forgotten when the graph is made anew.</summary>
    public const int SilentStepsMax = 288;

    /// <summary>A gap of more steps than this is not filled with empty steps, one by one; the count goes on behind it.</summary>
    public const int GapStepsMax = 288;

    public int StepMs => checked((int)Step.TotalMilliseconds);

    public long CloseDelayMs => (long)CloseDelay.TotalMilliseconds;

    public long GraceMs => (long)Grace.TotalMilliseconds;

    public long ClockToleranceMs => (long)ClockTolerance.TotalMilliseconds;

    /// <summary>Grace in whole steps, rounded up.</summary>
    public int GraceSteps => (int)Math.Ceiling(Grace / Step);

    /// <summary>Closed steps that may still be revised: those within the grace, one by rounding, one because a complete step closes before its end, and the one that closes.</summary>
    public int RevisableSteps => GraceSteps + 3;

    /// <summary>The graph looks at steps that no report can change any more: so many behind the one that closes.</summary>
    public int GraphLagSteps => GraceSteps + 1;

    /// <summary>Number of the step that a time falls in: steps are (end - length, end], numbered by end / length.</summary>
    public long StepOf(long unixMs) => (unixMs + StepMs - 1) / StepMs;

    /// <summary>What is wrong with the options, or null.</summary>
    public string? Check() =>
        Step < TimeSpan.FromSeconds(1) || Step > TimeSpan.FromDays(1) || Step.TotalMilliseconds % 1 != 0 ? $"step is {Step}; 1 s to 1 d is allowed"
        : CloseDelay < TimeSpan.Zero || CloseDelay > Grace ? $"close-delay is {CloseDelay}; 0 to the grace ({Grace}) is allowed"
        : Grace > Step * GraceStepsMax ? $"grace is {Grace}; at most {GraceStepsMax} steps ({Step * GraceStepsMax}) are allowed"
        : ClockTolerance < TimeSpan.Zero || ClockToleranceMs > Bounds.ClockAheadMsMax ? $"clock-tolerance is {ClockTolerance}; 0 to {TimeSpan.FromMilliseconds(Bounds.ClockAheadMsMax)} is allowed: what is further ahead goes to the dead letters"
        : RefreshSteps is < 1 or > RefreshStepsMax ? $"refresh is {RefreshSteps} steps; 1 to {RefreshStepsMax} is allowed"
        : null;
}
