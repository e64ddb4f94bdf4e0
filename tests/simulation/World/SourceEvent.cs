namespace Pipeline.Tests.Simulation.World;

/// <summary>A record that an agent or a gateway sends.</summary>
internal readonly record struct SourceEvent(string Topic, byte[] Key, byte[] Value);
