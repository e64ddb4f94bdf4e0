namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>One number of a machine, whatever agent told it.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Instance">CPU, disk or interface; empty where there is only one.</param>
/// <param name="State">State of CPU or memory, by the kernel's names.</param>
/// <param name="Form">How it is meant.</param>
/// <param name="Value">CPU gauges and memory in use: a share; memory and transfers: bytes; CPU counters: any unit of time.</param>
public readonly record struct Observation(SignalKind Kind, string Instance, string State, SignalForm Form, double Value)
{
    /// <summary>What the same series has in every interval.</summary>
    public (SignalKind, string, string) Series => (Kind, Instance, State);
}
