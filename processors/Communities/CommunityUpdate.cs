using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>Communities after a refresh.</summary>
/// <param name="Ids">[N] community of each VM, kept over time; 1 and up.</param>
/// <param name="Events">What happened to communities of two VMs or more.</param>
public sealed record CommunityUpdate(uint[] Ids, IReadOnlyList<CommunityEvent> Events);
