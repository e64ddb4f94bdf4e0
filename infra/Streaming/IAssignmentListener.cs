namespace Pipeline.Infra.Streaming;

/// <summary>Hears which partitions a group consumer gets and loses.</summary>
public interface IAssignmentListener
{
    /// <summary>Partitions were assigned. Takes the group's committed offset of each (the first offset there is, where nothing was committed) and returns where to begin.</summary>
    IReadOnlyDictionary<PartitionId, long> Assigned(IReadOnlyDictionary<PartitionId, long> committed);

    /// <summary>Partitions are about to be given away: the last chance to commit.</summary>
    void Revoked(IReadOnlyCollection<PartitionId> partitions);

    /// <summary>Partitions are somebody else's already: nothing may be committed for them.</summary>
    void Lost(IReadOnlyCollection<PartitionId> partitions);
}
