namespace Pipeline.Processors.Snapshots;

/// <summary>Which snapshot it is.</summary>
/// <param name="Cell">Its cell.</param>
/// <param name="StepMs">Length of its step.</param>
/// <param name="Revision">0 for the first publication of the step.</param>
public readonly record struct SnapshotFrame(string Cell, int StepMs, uint Revision);
