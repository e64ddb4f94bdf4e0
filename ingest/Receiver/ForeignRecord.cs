namespace Pipeline.Ingest.Receiver;

/// <summary>What goes to the foreign topic.</summary>
/// <param name="Key">The machine, so that all of its records come in order; empty where it does not say.</param>
/// <param name="Value">In the agent's format.</param>
public readonly record struct ForeignRecord(string Key, byte[] Value);
