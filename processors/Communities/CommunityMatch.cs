using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>Old communities against new ones: who shares how many VMs with whom.</summary>
internal sealed class CommunityMatch
{
    private readonly SortedDictionary<uint, int> oldSizes = [];
    private readonly int[] newSizes;
    private readonly SortedDictionary<(uint Old, int New), int> shared = [];
    private readonly HashSet<uint> survivors = [];

    private CommunityMatch(int newCount) => newSizes = new int[newCount];

    public static CommunityMatch Of(IReadOnlyDictionary<string, uint> before, IReadOnlyList<string> vms, ReadOnlySpan<int> labels)
    {
        int count = 0;
        foreach (int label in labels) count = Math.Max(count, label + 1);
        CommunityMatch match = new(count);
        foreach (uint id in before.Values) match.oldSizes[id] = match.oldSizes.GetValueOrDefault(id) + 1;
        for (int i = 0; i < vms.Count; i++)
        {
            match.newSizes[labels[i]]++;
            if (before.TryGetValue(vms[i], out uint id)) match.shared[(id, labels[i])] = match.shared.GetValueOrDefault((id, labels[i])) + 1;
        }
        return match;
    }

    /// <summary>An old community that is still there, and had two VMs or more before.</summary>
    public bool LivesOn(uint id) => survivors.Contains(id) && oldSizes[id] > 1;

    /// <summary>Gives every new community a number: that of the old one with which it shares most, or a new one.</summary>
    public uint[] Assign(Func<uint> next)
    {
        uint[] ids = new uint[newSizes.Length];
        foreach (((uint old, int now), _) in shared
            .OrderByDescending(s => s.Value)
            .ThenByDescending(s => s.Value / (double)(oldSizes[s.Key.Old] + newSizes[s.Key.New] - s.Value))
            .ThenBy(s => s.Key))
        {
            if (ids[now] != 0 || !survivors.Add(old)) continue;
            ids[now] = old;
        }
        for (int c = 0; c < ids.Length; c++)
            if (ids[c] == 0) ids[c] = next();
        return ids;
    }

    /// <summary>Births, deaths, splits and merges of communities of two VMs or more.</summary>
    public List<CommunityEvent> Events(uint[] ids, double share)
    {
        List<CommunityEvent> events = [];
        HashSet<int> parts = [];
        HashSet<uint> merged = [];
        foreach ((uint old, int size) in oldSizes.Where(o => o.Value > 1))
        {
            List<int> into = [.. shared.Where(s => s.Key.Old == old && newSizes[s.Key.New] > 1 && s.Value >= Math.Max(2, share * size)).Select(s => s.Key.New)];
            if (into.Count < 2) continue;
            events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Split, Community = old, Others = { into.Select(c => ids[c]).Order() } });
            parts.UnionWith(into);
        }
        for (int c = 0; c < newSizes.Length; c++)
        {
            List<uint> from = [.. shared.Where(s => s.Key.New == c && oldSizes[s.Key.Old] > 1 && s.Value > oldSizes[s.Key.Old] / 2.0).Select(s => s.Key.Old)];
            if (from.Count < 2) continue;
            events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Merged, Community = ids[c], Others = { from } });
            merged.UnionWith(from);
        }
        for (int c = 0; c < newSizes.Length; c++)
            if (newSizes[c] > 1 && !survivors.Contains(ids[c]) && !parts.Contains(c)) events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Born, Community = ids[c] });
        foreach ((uint old, int size) in oldSizes)
            if (size > 1 && !survivors.Contains(old) && !merged.Contains(old)) events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Died, Community = old });
        return events;
    }
}
