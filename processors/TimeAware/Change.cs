namespace Pipeline.Processors.TimeAware;

/// <summary>How something left its profile.</summary>
public enum ChangeKind
{
    /// <summary>It is above or below for hours.</summary>
    LevelShift,

    /// <summary>What is left of it without its profile repeats itself.</summary>
    NewPeriod,

    /// <summary>It reports no more.</summary>
    Silence,
}

/// <summary>Something left its profile.</summary>
/// <param name="Kind">How.</param>
/// <param name="StartSlot">The first slot in which it did.</param>
/// <param name="FoundSlot">The slot after which it was clear.</param>
/// <param name="Strength">Level shifts: mean distance from the profile since then, in its standard deviations, signed. New periods: correlation of one cycle with the next, 0..1. Silence: slots without a report.</param>
/// <param name="PeriodSlots">New periods: their length.</param>
public readonly record struct Change(ChangeKind Kind, long StartSlot, long FoundSlot, double Strength, int PeriodSlots = 0);
