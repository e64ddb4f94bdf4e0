namespace Pipeline.Processors.Patterns;

/// <summary>Which step of which cell patterns are of.</summary>
/// <param name="Cell">Name of the cell.</param>
/// <param name="StepEndUnixMs">End of the step with which they are published, Unix milliseconds.</param>
/// <param name="NewestUnixMs">End of the newest step looked at.</param>
/// <param name="StepMs">Length of a step, milliseconds.</param>
/// <param name="Revision">As of the step's other outputs.</param>
public sealed record PatternFrame(string Cell, long StepEndUnixMs, long NewestUnixMs, long StepMs, uint Revision);
