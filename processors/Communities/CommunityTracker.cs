using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>
/// Keeps the numbers of communities from one partition to the next: new communities take over the number of the old one that they share
/// most VMs with (greedily, largest share first; D. Greene, D. Doyle, P. Cunningham, "Tracking the evolution of communities", 2010),
/// and what happened to them becomes events. A number is never used again.
/// </summary>
public sealed class CommunityTracker
{
    /// <summary>A community has split, or went into another, when so large a share of it is found there.</summary>
    private const double SplitShare = .3;

    private readonly Dictionary<string, uint> ids = new(StringComparer.Ordinal);

    /// <summary>The next number that is free.</summary>
    public uint NextId { get; private set; } = 1;

    /// <summary>Forgets who is where, not which numbers were given.</summary>
    public void Clear() => ids.Clear();

    /// <summary>Gives no number below this one any more: communities that are gone had them.</summary>
    public void Reserve(uint next) => NextId = Math.Max(NextId, next);

    /// <summary>Takes over what was published.</summary>
    public void Restore(IReadOnlyList<string> vms, IReadOnlyList<uint> communities)
    {
        for (int i = 0; i < vms.Count; i++)
        {
            ids[vms[i]] = communities[i];
            NextId = Math.Max(NextId, communities[i] + 1);
        }
    }

    /// <summary>The present communities as labels to start from: the same number for the same community, one of its own for a new VM.</summary>
    public int[] LabelsFor(IReadOnlyList<string> vms)
    {
        Dictionary<uint, int> labels = [];
        int[] result = new int[vms.Count];
        int next = 0;
        for (int i = 0; i < vms.Count; i++)
        {
            if (!ids.TryGetValue(vms[i], out uint id)) result[i] = next++;
            else if (!labels.TryGetValue(id, out result[i])) labels[id] = result[i] = next++;
        }
        return result;
    }

    /// <summary>Between two partitions: every VM keeps its community, a new one is alone.</summary>
    public uint[] Extend(IReadOnlyList<string> vms)
    {
        uint[] result = new uint[vms.Count];
        for (int i = 0; i < vms.Count; i++)
        {
            if (!ids.TryGetValue(vms[i], out result[i])) ids[vms[i]] = result[i] = NextId++;
        }
        return result;
    }

    /// <summary>Takes a new partition.</summary>
    /// <param name="vms">N names.</param>
    /// <param name="labels">[N] community of each, 0 and up without gaps.</param>
    public CommunityUpdate Update(IReadOnlyList<string> vms, ReadOnlySpan<int> labels)
    {
        CommunityMatch match = CommunityMatch.Of(ids, vms, labels);
        uint[] idOf = match.Assign(() => NextId++);
        uint[] result = new uint[vms.Count];
        for (int i = 0; i < vms.Count; i++) result[i] = idOf[labels[i]];
        List<CommunityEvent> events = match.Events(idOf, SplitShare);
        AddMoves(vms, result, match, events);
        ids.Clear();
        for (int i = 0; i < vms.Count; i++) ids[vms[i]] = result[i];
        return new CommunityUpdate(result, events);
    }

    /// <summary>A VM has moved when both the community that it left and the one that it went to were there before and are there now.</summary>
    private void AddMoves(IReadOnlyList<string> vms, uint[] result, CommunityMatch match, List<CommunityEvent> events)
    {
        for (int i = 0; i < vms.Count; i++)
        {
            if (!ids.TryGetValue(vms[i], out uint old) || old == result[i] || !match.LivesOn(old) || !match.LivesOn(result[i])) continue;
            events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Moved, Community = result[i], Others = { old }, Vm = vms[i] });
        }
    }
}
