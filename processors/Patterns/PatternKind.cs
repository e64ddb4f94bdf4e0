namespace Pipeline.Processors.Patterns;

/// <summary>What was found. The first six are kinds of a series, one per subject that is known well enough.</summary>
public enum PatternKind
{
    Idle,
    Steady,
    Periodic,
    Bursty,
    Trending,
    Irregular,

    /// <summary>The subject's level changed abruptly at <see cref="Pattern.StartStep"/> and stayed so for a while.</summary>
    LevelShift,

    /// <summary>What the subject does, <see cref="Pattern.Other"/> does some steps later (with a negative correlation: the opposite).</summary>
    Leads,

    /// <summary>Two communities burst at the same time.</summary>
    Together,

    /// <summary>Some steps after the subject bursts, <see cref="Pattern.Other"/> does.</summary>
    InTurn,

    /// <summary>Two communities burst at different times, more so than chance would have it.</summary>
    Exclusive,
}
