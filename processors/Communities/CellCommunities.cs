using Pipeline.Schemas;

namespace Pipeline.Processors.Communities;

/// <summary>
/// The communities of a cell from graph to graph: found from the last ones on, released of who fits nowhere, numbered, and measured. All of it
/// is published with each step and taken over from there.
/// </summary>
public sealed class CellCommunities(CommunityOptions options)
{
    private readonly CommunityTracker tracker = new();
    private readonly Dictionary<string, Membership> memberships = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, CommunityStanding> standings = [];
    private double modularity;

    /// <summary>Finds the communities of a new graph.</summary>
    /// <param name="vms">N names, the graph's nodes.</param>
    /// <param name="graph">N nodes; weights are correlations.</param>
    /// <param name="unixMs">End of the step.</param>
    public CommunitySnapshot Update(IReadOnlyList<string> vms, CsrGraph graph, long unixMs)
    {
        Partition partition = Find(graph, tracker.LabelsFor(vms));
        modularity = partition.Modularity;
        CommunityUpdate update = tracker.Update(vms, partition.Labels, unixMs);
        bool[] alone = Alone(partition);
        float[] consensus = new float[vms.Count];
        Dictionary<uint, float> stability = MembershipMeasure.Stability(update.Ids, alone, MembershipMeasure.OtherSeeds(graph, options.Leiden, options.StabilitySeeds), consensus);
        Membership[] measured = MembershipMeasure.Of(graph, update.Ids, alone, consensus);
        memberships.Clear();
        for (int i = 0; i < vms.Count; i++) memberships[vms[i]] = measured[i];
        List<CommunityEvent> events = [.. update.Events, .. Growth(update, stability)];
        return Snapshot(update.Ids, update.SinceUnixMs, measured, events);
    }

    /// <summary>Between two graphs: every VM keeps its place, a new one is alone.</summary>
    public CommunitySnapshot Hold(IReadOnlyList<string> vms, long unixMs)
    {
        CommunityUpdate update = tracker.Extend(vms, unixMs);
        return Snapshot(update.Ids, update.SinceUnixMs, [.. vms.Select(vm => memberships.GetValueOrDefault(vm))], []);
    }

    /// <summary>Takes over communities that were published before.</summary>
    public void Restore(CommunityChunk published)
    {
        if (published.Chunk == 0)
        {
            tracker.Clear();
            memberships.Clear();
            standings.Clear();
            tracker.Reserve(published.NextCommunity);
            modularity = published.Modularity;
            foreach (Community c in published.Communities.Where(c => c.VmsAtEvent > 0)) standings[c.Id] = new CommunityStanding(c.Stability, (int)c.VmsAtEvent);
        }
        tracker.Restore(published.Vm, published.Community, published.SinceUnixMs);
        for (int i = 0; i < published.Vm.Count; i++)
        {
            memberships[published.Vm[i]] = new Membership(
                published.Membership[i], published.Consensus[i],
                new Alternative(published.Alternative[2 * i], published.AlternativeShare[2 * i]),
                new Alternative(published.Alternative[(2 * i) + 1], published.AlternativeShare[(2 * i) + 1]));
        }
    }

    private CommunitySnapshot Snapshot(uint[] ids, long[] since, Membership[] measured, IReadOnlyList<CommunityEvent> events) =>
        new(ids, since, measured, standings, events, modularity, tracker.NextId);

    private Partition Find(CsrGraph graph, int[] before)
    {
        int[] labels = Hysteresis.Settle(graph, before, Leiden.Run(graph, options.Leiden, before).Labels, options.MoveMargin, options.MergeShare);
        labels = Leiden.Finished(graph, labels, options.Leiden).Labels;
        int[] sizes = new int[graph.Nodes];
        foreach (int label in before) sizes[label]++;
        labels = LooseNodes.Release(graph, labels, v => sizes[before[v]] > 1 ? options.StayWeight : options.JoinWeight);
        return Leiden.Finished(graph, labels, options.Leiden);
    }

    private static bool[] Alone(Partition partition)
    {
        int[] sizes = new int[partition.Count];
        foreach (int label in partition.Labels) sizes[label]++;
        return [.. partition.Labels.Select(label => sizes[label] == 1)];
    }

    /// <summary>Brings the standings up to date; says who has grown or shrunk and was in no other event that explains it.</summary>
    private List<CommunityEvent> Growth(CommunityUpdate update, Dictionary<uint, float> stability)
    {
        Dictionary<uint, int> sizes = update.Ids.CountBy(id => id).ToDictionary();
        HashSet<uint> turned = [.. update.Events.Where(e => e.Kind != CommunityEvent.Types.Kind.Moved).SelectMany(e => e.Others.Append(e.Community))];
        Dictionary<uint, CommunityStanding> before = new(standings);
        standings.Clear();
        List<CommunityEvent> events = [];
        foreach ((uint id, int size) in sizes.Where(s => s.Value > 1).OrderBy(s => s.Key))
        {
            int reference = turned.Contains(id) || !before.TryGetValue(id, out CommunityStanding old) ? size : old.VmsAtEvent;
            double change = Math.Max(2, options.GrowthShare * reference);
            if (Math.Abs(size - reference) >= change)
            {
                events.Add(new CommunityEvent { Kind = size > reference ? CommunityEvent.Types.Kind.Grew : CommunityEvent.Types.Kind.Shrank, Community = id, Vms = (uint)size });
                reference = size;
            }
            standings[id] = new CommunityStanding(stability.GetValueOrDefault(id), reference);
        }
        return events;
    }
}
