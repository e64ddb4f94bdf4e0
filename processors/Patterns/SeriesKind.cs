namespace Pipeline.Processors.Patterns;

/// <summary>How a series of utilisation behaves as a whole. Definitions with their bounds: this folder's README.</summary>
public enum SeriesKind
{
    /// <summary>Too little is known.</summary>
    Unknown,

    /// <summary>Does nothing worth speaking of.</summary>
    Idle,

    /// <summary>Stays near one level (or a few, with level shifts between them).</summary>
    Steady,

    /// <summary>The same comes back after a period.</summary>
    Periodic,

    /// <summary>Short abrupt peaks over a calmer base, at no fixed times.</summary>
    Bursty,

    /// <summary>Goes up or down over the whole time.</summary>
    Trending,

    /// <summary>None of these.</summary>
    Irregular,
}
