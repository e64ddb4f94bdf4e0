namespace Pipeline.Processors.Patterns;

/// <summary>One VM follows another.</summary>
/// <param name="Leader">Row of the one that is first.</param>
/// <param name="Follower">Row of the one that does the same later.</param>
/// <param name="LagSteps">By so many steps, 1 or more.</param>
/// <param name="Correlation">Of their changes at this lag, -1..1; negative: the follower does the opposite.</param>
/// <param name="PValue">Of this correlation, two-sided, not yet corrected for the number of tests (the choice is).</param>
public readonly record struct LeadLag(int Leader, int Follower, int LagSteps, float Correlation, double PValue);
