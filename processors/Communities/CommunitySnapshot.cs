using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>Communities of a cell at a step.</summary>
/// <param name="Ids">[N] community of each VM, kept over time; 1 and up.</param>
/// <param name="SinceUnixMs">[N] since when it is there.</param>
/// <param name="Memberships">[N] how firmly.</param>
/// <param name="Standings">Communities of two VMs or more.</param>
/// <param name="Events">What happened to them since the last graph; empty where the graph has not been made anew.</param>
/// <param name="Modularity">Of the communities as of the last graph.</param>
/// <param name="NextId">The number that the next new community gets.</param>
public sealed record CommunitySnapshot(
    uint[] Ids,
    long[] SinceUnixMs,
    Membership[] Memberships,
    IReadOnlyDictionary<uint, CommunityStanding> Standings,
    IReadOnlyList<CommunityEvent> Events,
    double Modularity,
    uint NextId);
