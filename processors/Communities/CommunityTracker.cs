using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>
/// Keeps the numbers of communities from one partition to the next: new communities take over the number of the old one that they share
/// most VMs with (greedily, largest share first; D. Greene, D. Doyle, P. Cunningham, "Tracking the evolution of communities", 2010),
/// VMs counting for more the longer they have had it, up to a day, so that the number stays with the core. What happened becomes events.
/// A number is never used again.
/// </summary>
public sealed class CommunityTracker
{
    /// <summary>A community has split, or went into another, when so large a share of it is found there.</summary>
    private const double SplitShare = .3;

    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);

    /// <summary>The next number that is free.</summary>
    public uint NextId { get; private set; } = 1;

    /// <summary>Forgets who is where, not which numbers were given.</summary>
    public void Clear() => places.Clear();

    /// <summary>Gives no number below this one any more: communities that are gone had them.</summary>
    public void Reserve(uint next) => NextId = Math.Max(NextId, next);

    /// <summary>Takes over what was published.</summary>
    public void Restore(IReadOnlyList<string> vms, IReadOnlyList<uint> communities, IReadOnlyList<long> sinceUnixMs)
    {
        for (int i = 0; i < vms.Count; i++)
        {
            places[vms[i]] = new Place(communities[i], sinceUnixMs[i]);
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
            if (!places.TryGetValue(vms[i], out Place place)) result[i] = next++;
            else if (!labels.TryGetValue(place.Community, out result[i])) labels[place.Community] = result[i] = next++;
        }
        return result;
    }

    /// <summary>Between two partitions: every VM keeps its community, a new one is alone.</summary>
    /// <param name="vms">N names.</param>
    /// <param name="unixMs">Now.</param>
    public CommunityUpdate Extend(IReadOnlyList<string> vms, long unixMs)
    {
        foreach (string vm in vms)
            if (!places.ContainsKey(vm)) places[vm] = new Place(NextId++, unixMs);
        return Update(vms, []);
    }

    /// <summary>Takes a new partition.</summary>
    /// <param name="vms">N names.</param>
    /// <param name="labels">[N] community of each, 0 and up without gaps.</param>
    /// <param name="unixMs">Now.</param>
    public CommunityUpdate Update(IReadOnlyList<string> vms, ReadOnlySpan<int> labels, long unixMs)
    {
        CommunityMatch match = CommunityMatch.Of(places, vms, labels, unixMs);
        uint[] idOf = match.Assign(() => NextId++);
        uint[] result = new uint[vms.Count];
        for (int i = 0; i < vms.Count; i++) result[i] = idOf[labels[i]];
        List<CommunityEvent> events = match.Events(idOf, SplitShare);
        AddMoves(vms, result, match, events);
        long[] since = [.. vms.Select((vm, i) => places.TryGetValue(vm, out Place old) && old.Community == result[i] ? old.SinceUnixMs : unixMs)];
        places.Clear();
        for (int i = 0; i < vms.Count; i++) places[vms[i]] = new Place(result[i], since[i]);
        return Update(vms, events);
    }

    private CommunityUpdate Update(IReadOnlyList<string> vms, IReadOnlyList<CommunityEvent> events) =>
        new([.. vms.Select(vm => places[vm].Community)], [.. vms.Select(vm => places[vm].SinceUnixMs)], events);

    /// <summary>A VM has moved when both the community that it left and the one that it went to were there before and are there now, and no split or merge says it.</summary>
    private void AddMoves(IReadOnlyList<string> vms, uint[] result, CommunityMatch match, List<CommunityEvent> events)
    {
        HashSet<(uint From, uint To)> told = [.. events.SelectMany(e => e.Others.Select(o => e.Kind == CommunityEvent.Types.Kind.Split ? (e.Community, o) : (o, e.Community)))];
        for (int i = 0; i < vms.Count; i++)
        {
            if (!places.TryGetValue(vms[i], out Place place) || place.Community is var old && (old == result[i] || !match.LivesOn(old) || !match.LivesOn(result[i]) || told.Contains((old, result[i])))) continue;
            events.Add(new CommunityEvent { Kind = CommunityEvent.Types.Kind.Moved, Community = result[i], Others = { old }, Vm = vms[i] });
        }
    }
}
