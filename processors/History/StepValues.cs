namespace Pipeline.Processors.History;

/// <summary>What one VM did in one step: means of its own load. NaN: not measured.</summary>
/// <param name="Cpu">Share of the VM's cores, 0..1, briefly above.</param>
/// <param name="Memory">Share of the VM's memory, 0..1.</param>
/// <param name="DiskRead">Bytes per second, like the others below.</param>
public readonly record struct StepValues(
    float Cpu,
    float Memory = float.NaN,
    float DiskRead = float.NaN,
    float DiskWrite = float.NaN,
    float NetworkReceive = float.NaN,
    float NetworkTransmit = float.NaN)
{
    /// <summary>Nothing is known.</summary>
    public static readonly StepValues Missing = new(float.NaN);
}
