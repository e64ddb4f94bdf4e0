using Pipeline.Tests.Simulation.Checks;

namespace Pipeline.Tests.Simulation.World;

/// <summary>What one run came to.</summary>
/// <param name="Anomalies">Empty: all is as it had to be.</param>
/// <param name="Inputs">Records processed, again and again where lives ended.</param>
/// <param name="Crashes">Processes that ended in the middle.</param>
/// <param name="Restarts">Lives that ended because a client failed.</param>
public sealed record RunResult(IReadOnlyList<Anomaly> Anomalies, long Inputs, int Crashes, int Restarts);
