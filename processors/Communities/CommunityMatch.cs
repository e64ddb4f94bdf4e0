using System.Runtime.InteropServices;
using Pipeline.Schemas;
using Kind = Pipeline.Schemas.CommunityEvent.Types.Kind;

namespace Pipeline.Processors.Communities;

/// <summary>Old communities against new ones: who shares how many VMs with whom. A community of one VM is none, as far as events go.</summary>
internal sealed class CommunityMatch
{
    private readonly SortedDictionary<uint, int> oldSizes = [];
    private readonly Dictionary<uint, int> survivors = [];
    private readonly int[] newSizes;
    private readonly Overlap[] overlaps;

    private CommunityMatch(IReadOnlyDictionary<string, Place> before, IReadOnlyList<string> vms, ReadOnlySpan<int> labels, long unixMs)
    {
        int count = 0;
        foreach (int label in labels) count = Math.Max(count, label + 1);
        newSizes = new int[count];
        foreach (Place place in before.Values) oldSizes[place.Community] = oldSizes.GetValueOrDefault(place.Community) + 1;
        Dictionary<(uint Old, int New), (int Vms, long Weight)> shared = [];
        for (int i = 0; i < vms.Count; i++)
        {
            newSizes[labels[i]]++;
            if (!before.TryGetValue(vms[i], out Place place)) continue;
            ref (int Vms, long Weight) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(shared, (place.Community, labels[i]), out _);
            sum = (sum.Vms + 1, sum.Weight + place.WeightAt(unixMs));
        }
        overlaps = [.. shared.OrderBy(s => s.Key).Select(s => new Overlap(s.Key.Old, s.Key.New, s.Value.Vms, s.Value.Weight))];
    }

    public static CommunityMatch Of(IReadOnlyDictionary<string, Place> before, IReadOnlyList<string> vms, ReadOnlySpan<int> labels, long unixMs) => new(before, vms, labels, unixMs);

    /// <summary>An old community that had two VMs or more and still has.</summary>
    public bool LivesOn(uint id) => survivors.TryGetValue(id, out int now) && newSizes[now] > 1 && oldSizes[id] > 1;

    /// <summary>Gives every new community a number: that of the old one with which it shares most, or a new one.</summary>
    public uint[] Assign(Func<uint> next)
    {
        uint[] ids = new uint[newSizes.Length];
        foreach (Overlap overlap in overlaps
            .OrderByDescending(o => o.Weight)
            .ThenByDescending(o => o.Vms / (double)(oldSizes[o.Old] + newSizes[o.New] - o.Vms))
            .ThenBy(o => o.Old).ThenBy(o => o.New))
        {
            if (ids[overlap.New] == 0 && survivors.TryAdd(overlap.Old, overlap.New)) ids[overlap.New] = overlap.Old;
        }
        for (int c = 0; c < ids.Length; c++)
            if (ids[c] == 0) ids[c] = next();
        return ids;
    }

    /// <summary>Births, deaths, splits and merges, in the order of kinds split, merged, born, died.</summary>
    /// <param name="ids">Numbers of the new communities.</param>
    /// <param name="share">An old community has split when so large a share of it is found in each of two.</param>
    public List<CommunityEvent> Events(uint[] ids, double share)
    {
        List<CommunityEvent> events = [];
        HashSet<int> parts = Splits(ids, share, events);
        HashSet<uint> merged = Merges(ids, events);
        for (int c = 0; c < newSizes.Length; c++)
            if (newSizes[c] > 1 && !LivesOn(ids[c]) && !parts.Contains(c)) events.Add(new CommunityEvent { Kind = Kind.Born, Community = ids[c] });
        foreach ((uint old, int size) in oldSizes)
            if (size > 1 && !LivesOn(old) && !merged.Contains(old)) events.Add(new CommunityEvent { Kind = Kind.Died, Community = old });
        return events;
    }

    private HashSet<int> Splits(uint[] ids, double share, List<CommunityEvent> events)
    {
        HashSet<int> parts = [];
        foreach (IGrouping<uint, Overlap> old in overlaps.GroupBy(o => o.Old))
        {
            int least = (int)Math.Max(2, Math.Ceiling(share * oldSizes[old.Key]));
            int[] into = [.. old.Where(o => o.Vms >= least).Select(o => o.New)];
            if (into.Length < 2) continue;
            events.Add(new CommunityEvent { Kind = Kind.Split, Community = old.Key, Others = { into.Select(c => ids[c]).Order() } });
            parts.UnionWith(into);
        }
        return parts;
    }

    private HashSet<uint> Merges(uint[] ids, List<CommunityEvent> events)
    {
        HashSet<uint> merged = [];
        foreach (IGrouping<int, Overlap> now in overlaps.Where(o => oldSizes[o.Old] > 1 && 2 * o.Vms > oldSizes[o.Old]).GroupBy(o => o.New).OrderBy(g => g.Key))
        {
            uint[] from = [.. now.Select(o => o.Old)];
            if (from.Length < 2) continue;
            events.Add(new CommunityEvent { Kind = Kind.Merged, Community = ids[now.Key], Others = { from } });
            merged.UnionWith(from);
        }
        return merged;
    }

    private readonly record struct Overlap(uint Old, int New, int Vms, long Weight);
}
