namespace Pipeline.Processors.Patterns;

/// <summary>The level of a series changes abruptly and stays changed for a while.</summary>
/// <param name="Start">First step of the new level.</param>
/// <param name="Before">Level before, utilisation 0..1, without rhythm and trend.</param>
/// <param name="After">Level after.</param>
/// <param name="Z">Difference in standard errors, the noise's own memory counted.</param>
/// <param name="Strength">Share of the variance around the shift that it explains, 0..1.</param>
public readonly record struct LevelShift(int Start, float Before, float After, float Z, float Strength)
{
    /// <summary>Change of the level, signed.</summary>
    public float Magnitude => After - Before;
}
