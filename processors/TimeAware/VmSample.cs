namespace Pipeline.Processors.TimeAware;

/// <summary>What a VM did in a closed step.</summary>
/// <param name="Vm">Its name.</param>
/// <param name="Cores">Provisioned cores.</param>
/// <param name="MemoryBytes">Provisioned memory.</param>
/// <param name="Cpu">Share of the cores in use; NaN: not measured.</param>
/// <param name="Memory">Share of the memory in use; NaN: not measured.</param>
public readonly record struct VmSample(string Vm, float Cores, ulong MemoryBytes, float Cpu, float Memory);
