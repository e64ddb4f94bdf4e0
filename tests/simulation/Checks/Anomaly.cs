namespace Pipeline.Tests.Simulation.Checks;

/// <summary>Something that must not be.</summary>
/// <param name="Kind">One of a few names, see <see cref="Oracle"/> and <see cref="Observer"/>.</param>
/// <param name="What">What and where, in words.</param>
public sealed record Anomaly(string Kind, string What);
