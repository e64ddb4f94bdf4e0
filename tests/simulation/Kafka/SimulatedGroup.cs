using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>
/// A consumer group that rebalances cooperatively: a member gives up what it should no longer have when it polls next,
/// and gets what is its own as soon as nobody else holds it.
/// </summary>
public sealed class SimulatedGroup
{
    private readonly SortedDictionary<int, HashSet<PartitionId>> members = [];
    private readonly Dictionary<int, long> heardMs = [];
    private readonly Dictionary<PartitionId, long> committed = [];
    private int nextMember;

    /// <summary>Grows whenever members or what they hold change.</summary>
    public int Version { get; private set; }

    /// <summary>Joins; the number is the member's id.</summary>
    public int Join(long nowMs = 0)
    {
        members[++nextMember] = [];
        heardMs[nextMember] = nowMs;
        Version++;
        return nextMember;
    }

    /// <summary>Leaves, or is thrown out: what the member held is free.</summary>
    public void Remove(int member)
    {
        members.Remove(member);
        heardMs.Remove(member);
        Version++;
    }

    public void Heartbeat(int member, long nowMs) => heardMs[member] = nowMs;

    /// <summary>Throws out who was not heard of since this time.</summary>
    public void Expire(long sinceMs)
    {
        foreach (int silent in heardMs.Where(m => m.Value < sinceMs).Select(m => m.Key).ToArray()) Remove(silent);
    }

    public bool Has(int member) => members.ContainsKey(member);

    public IReadOnlySet<PartitionId> Held(int member) => members[member];

    public long? Committed(PartitionId partition) => committed.TryGetValue(partition, out long offset) ? offset : null;

    public void Commit(PartitionId partition, long offset) => committed[partition] = offset;

    /// <summary>What a member has to give up now.</summary>
    public IReadOnlyList<PartitionId> ToRevoke(int member, IReadOnlyList<PartitionId> all) =>
        [.. members[member].Where(p => Owner(p, all) != member).OrderBy(p => p.Partition)];

    /// <summary>What a member may take now.</summary>
    public IReadOnlyList<PartitionId> ToAssign(int member, IReadOnlyList<PartitionId> all) =>
        [.. all.Where(p => Owner(p, all) == member && !members.Values.Any(held => held.Contains(p)))];

    public void Take(int member, IEnumerable<PartitionId> partitions)
    {
        members[member].UnionWith(partitions);
        Version++;
    }

    public void Give(int member, IEnumerable<PartitionId> partitions)
    {
        members[member].ExceptWith(partitions);
        Version++;
    }

    private int Owner(PartitionId partition, IReadOnlyList<PartitionId> all)
    {
        int index = Enumerable.Range(0, all.Count).First(i => all[i] == partition);
        return members.Keys.ElementAt(index % members.Count);
    }
}
