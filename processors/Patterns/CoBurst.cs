namespace Pipeline.Processors.Patterns;

/// <summary>How the bursts of two communities go together.</summary>
/// <param name="Kind"><see cref="PatternKind.Together"/>, <see cref="PatternKind.InTurn"/> or <see cref="PatternKind.Exclusive"/>.</param>
/// <param name="First">Label of one; in turn: of the one that is first.</param>
/// <param name="Second">Label of the other.</param>
/// <param name="LagSteps">From burst to burst, in turn; else 0.</param>
/// <param name="Episodes">Episodes of the first that are so; exclusive: episodes of the one that has fewer.</param>
/// <param name="Share">Of the episodes of the one that has fewer, those that are so, 0..1.</param>
/// <param name="Lift">Episodes seen in multiples of what chance gives (exclusive: below 1).</param>
/// <param name="PValue">Of as many (exclusive: as few) by chance, not yet corrected for the number of tests.</param>
/// <param name="StartStep">First step of the first such episode.</param>
public readonly record struct CoBurst(PatternKind Kind, int First, int Second, int LagSteps, int Episodes, float Share, float Lift, double PValue, int StartStep);
