using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent;

/// <summary>What was measured in one interval: a report without its sender and time.</summary>
public sealed record Measurement(TimeSpan Length, double Cores, ulong MemoryBytes, Signals Own, FunctionsUse? Functions, MachineDetail Machine);
