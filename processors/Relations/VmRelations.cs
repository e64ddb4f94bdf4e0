using Pipeline.Schemas;

namespace Pipeline.Processors.Relations;

/// <summary>What a VM tells of its relations to others.</summary>
/// <param name="Hypervisor">Hash of the physical machine that it runs on; 0: not known.</param>
/// <param name="Tenant">Hash of whom it belongs to; 0: not known.</param>
/// <param name="Calls">Whom it calls, and how often.</param>
public readonly record struct VmRelations(ulong Hypervisor, ulong Tenant, IReadOnlyList<CallRate> Calls);
