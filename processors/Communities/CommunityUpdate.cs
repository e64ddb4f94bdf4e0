using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>Communities with their numbers.</summary>
/// <param name="Ids">[N] community of each VM, kept over time; 1 and up.</param>
/// <param name="SinceUnixMs">[N] since when the VM is there.</param>
/// <param name="Events">What happened to communities of two VMs or more.</param>
public sealed record CommunityUpdate(uint[] Ids, long[] SinceUnixMs, IReadOnlyList<CommunityEvent> Events);
