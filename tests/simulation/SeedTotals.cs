namespace Pipeline.Tests.Simulation;

/// <summary>Sums over the runs so far.</summary>
public sealed record SeedTotals(int Seeds, long Inputs, long Crashes, long Restarts);
