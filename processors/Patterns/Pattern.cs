namespace Pipeline.Processors.Patterns;

/// <summary>One finding with what speaks for it. Which evidence is filled in depends on the kind: this folder's README. No value is NaN.</summary>
public sealed record Pattern
{
    public required PatternKind Kind { get; init; }

    public required PatternSubject Subject { get; init; }

    /// <summary>The VM or community that follows, peaks together with the subject, and so on; null where the pattern is about one alone.</summary>
    public PatternSubject? Other { get; init; }

    /// <summary>Level shifts: first step of the new level. Co-bursts: first step of their first episode. Kinds: the first known step. Leaders: the first step looked at. From 0.</summary>
    public required int StartStep { get; init; }

    /// <summary>How clear it is, 0..1.</summary>
    public required float Strength { get; init; }

    /// <summary>Measures of the subject's series, for kinds.</summary>
    public SeriesMeasures? Measures { get; init; }

    /// <summary>The shift, for level shifts.</summary>
    public LevelShift? Shift { get; init; }

    /// <summary>Steps by which the other follows, for leaders and for bursts in turn; else 0.</summary>
    public int LagSteps { get; init; }

    /// <summary>Correlation of the changes at the lag, with sign, for leaders; else 0.</summary>
    public float Correlation { get; init; }

    /// <summary>Co-bursts: episodes seen (exclusive: episodes of the one that has fewer). Else 0.</summary>
    public int Episodes { get; init; }

    /// <summary>Co-bursts: episodes seen, in multiples of what chance would give. Else 0.</summary>
    public float Lift { get; init; }

    /// <summary>Probability of as much by chance, before the correction for the number of tests; 1 where the pattern is no test of that form.</summary>
    public double PValue { get; init; } = 1;
}
