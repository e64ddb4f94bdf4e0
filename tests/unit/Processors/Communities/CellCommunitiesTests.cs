using CsCheck;
using Pipeline.Processors.Communities;
using Pipeline.Schemas;
using Xunit.Abstractions;
using Kind = Pipeline.Schemas.CommunityEvent.Types.Kind;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class CellCommunitiesTests(ITestOutputHelper output)
{
    private const long Start = 1_700_000_000_000, Hour = 3_600_000;

    private static readonly CommunityOptions Options = new() { Leiden = new LeidenOptions { Seed = 1, Threads = 1 } };

    [Fact]
    public void What_happens_to_communities_is_told_and_nothing_else()
    {
        Dictionary<Kind, (int Right, int False, int Missed)> counts = [];
        int kept = 0, undisturbed = 0;
        for (int seed = 0; seed < 40; seed++) Play(new PlantedSequence(seed), counts, ref kept, ref undisturbed);
        foreach ((Kind kind, (int right, int wrong, int missed)) in counts.OrderBy(c => c.Key))
        {
            double f1 = 2.0 * right / ((2 * right) + wrong + missed);
            output.WriteLine($"{kind} right {right} false {wrong} missed {missed} F1 {f1:0.000}");
            Assert.True(right > 50 && f1 >= .95, $"{kind}: {right} right, {wrong} false, {missed} missed, F1 {f1:0.000}");
        }
        output.WriteLine($"{kept} of {undisturbed} VMs of undisturbed communities kept their number");
        Assert.True(kept >= .999 * undisturbed, $"{kept} of {undisturbed} kept their number");
    }

    [Fact]
    public void Who_fits_nowhere_is_alone_and_says_where_it_might_have_gone()
    {
        // Two groups that hold together; vm-8 has a weak edge into each.
        List<(int, int, double)> edges = [.. Clique(0, 4, .8), .. Clique(4, 4, .8), (8, 0, .3), (8, 4, .2)];
        CommunitySnapshot communities = new CellCommunities(Options).Update(Names(9), CsrGraph.FromEdges(9, [.. edges]), Start);
        Assert.Equal(3, communities.Ids.Distinct().Count());
        Assert.Single(communities.Ids, id => id == communities.Ids[8]);
        Assert.Equal((0f, 0f), (communities.Memberships[8].Share, communities.Memberships[8].Consensus));
        Assert.Equal((communities.Ids[0], .6f), (communities.Memberships[8].First.Community, communities.Memberships[8].First.Share));
        Assert.Equal(communities.Ids[4], communities.Memberships[8].Second.Community);
        Assert.Equal(2.4f / 2.7f, communities.Memberships[0].Share, 1e-6);
        Assert.Equal([1f, 1f], communities.Ids[..8].Distinct().Select(id => communities.Standings[id].Stability));
        Assert.DoesNotContain(communities.Ids[8], communities.Standings.Keys);
    }

    [Fact]
    public void Who_is_in_stays_at_a_weight_that_does_not_let_others_in()
    {
        CellCommunities communities = new(Options);
        communities.Update(Names(5), CsrGraph.FromEdges(5, [.. Clique(0, 4, .8), (4, 0, .7)]), Start);
        CommunitySnapshot stays = communities.Update(Names(5), CsrGraph.FromEdges(5, [.. Clique(0, 4, .8), (4, 0, .4)]), Start + Hour);
        Assert.Equal(stays.Ids[0], stays.Ids[4]);
        CommunitySnapshot leaves = communities.Update(Names(5), CsrGraph.FromEdges(5, [.. Clique(0, 4, .8), (4, 0, .2)]), Start + (2 * Hour));
        Assert.NotEqual(leaves.Ids[0], leaves.Ids[4]);
        CommunitySnapshot stillOut = communities.Update(Names(5), CsrGraph.FromEdges(5, [.. Clique(0, 4, .8), (4, 0, .4)]), Start + (3 * Hour));
        Assert.NotEqual(stillOut.Ids[0], stillOut.Ids[4]);
    }

    [Fact]
    public void Between_equally_good_partitions_the_former_one_stays()
    {
        // A ring of triangles: pairs of neighbouring ones are as good one way as the other.
        List<(int, int, double)> edges = [];
        for (int t = 0; t < 8; t++) edges.AddRange([.. Clique(3 * t, 3, .5), ((3 * t) + 2, 3 * ((t + 1) % 8), .4)]);
        CsrGraph ring = CsrGraph.FromEdges(24, [.. edges]);
        CommunitySnapshot first = new CellCommunities(Options).Update(Names(24), ring, Start);
        for (int seed = 2; seed < 12; seed++)
        {
            CellCommunities other = new(Options with { Leiden = new LeidenOptions { Seed = seed } });
            other.Restore(Chunk(Names(24), first));
            CommunitySnapshot next = other.Update(Names(24), ring, Start + Hour);
            Assert.Equal(first.Ids, next.Ids);
            Assert.Empty(next.Events);
        }
    }

    [Fact]
    public void Slow_growth_is_told_once_it_has_come_to_a_quarter()
    {
        CellCommunities communities = new(Options);
        List<(int Hour, Kind Kind, uint Vms)> told = [];
        for (int hour = 0; hour < 12; hour++)
        {
            int n = 12 + hour;
            CommunitySnapshot now = communities.Update(Names(n), CsrGraph.FromEdges(n, [.. Clique(0, n, .7)]), Start + (hour * Hour));
            told.AddRange(now.Events.Select(e => (hour, e.Kind, e.Vms)));
        }
        Assert.Equal([(0, Kind.Born, 0u), (3, Kind.Grew, 15u), (7, Kind.Grew, 19u)], told);
    }

    [Fact]
    public void Restored_from_what_was_published_it_goes_on_the_same() =>
        Gen.Int[0, 1000].Sample(seed =>
        {
            PlantedSequence sequence = new(seed);
            CellCommunities whole = new(Options);
            for (int step = 0; step < 6; step++)
            {
                string[] vms = sequence.Vms;
                CommunitySnapshot now = whole.Update(vms, sequence.Graph(vms), Start + (step * Hour));
                CellCommunities restored = new(Options);
                restored.Restore(Chunk(vms, now));
                string[] held = [.. vms, "x-new"];
                AssertSame(whole.Hold(held, Start + (step * Hour) + 1), restored.Hold(held, Start + (step * Hour) + 1));
                if (step % 2 == 0) whole = restored;
                sequence.Step();
                string[] next = sequence.Vms;
                CsrGraph graph = sequence.Graph(next);
                CellCommunities again = new(Options);
                again.Restore(Chunk(held, whole.Hold(held, Start + (step * Hour) + 2)));
                AssertSame(whole.Update(next, graph, Start + ((step + 1) * Hour)), again.Update(next, graph, Start + ((step + 1) * Hour)));
            }
        }, iter: 10);

    private static void Play(PlantedSequence sequence, Dictionary<Kind, (int Right, int False, int Missed)> counts, ref int kept, ref int undisturbed)
    {
        CellCommunities communities = new(Options);
        Dictionary<string, uint> before = [];
        for (int step = 0; step < 20; step++)
        {
            List<PlantedEvent> planted = step == 0 ? [] : sequence.Step();
            string[] vms = sequence.Vms;
            CommunitySnapshot found = communities.Update(vms, sequence.Graph(vms), Start + (step * Hour));
            Dictionary<string, uint> now = vms.Zip(found.Ids).ToDictionary();
            if (step > 0)
            {
                foreach (CommunityEvent e in found.Events)
                {
                    int match = planted.FindIndex(p => p.Kind == e.Kind && Alike(p.Vms, About(e, before, now)));
                    Count(counts, e.Kind, match >= 0 ? (1, 0, 0) : (0, 1, 0));
                    if (match >= 0) planted.RemoveAt(match);
                }
                foreach (PlantedEvent missed in planted) Count(counts, missed.Kind, (0, 0, 1));
                foreach (IReadOnlyList<string> group in sequence.Undisturbed)
                {
                    undisturbed += group.Count;
                    kept += group.Count(vm => before.TryGetValue(vm, out uint old) && old == now[vm]);
                }
            }
            before = now;
        }
    }

    /// <summary>The VMs that an event is about.</summary>
    private static HashSet<string> About(CommunityEvent e, Dictionary<string, uint> before, Dictionary<string, uint> now) =>
        e.Kind == Kind.Moved ? [e.Vm]
        : [.. (e.Kind is Kind.Died or Kind.Split ? before : now).Where(p => p.Value == e.Community).Select(p => p.Key)];

    private static bool Alike(HashSet<string> planted, HashSet<string> found)
    {
        int both = found.Count(planted.Contains);
        return both >= .8 * (planted.Count + found.Count - both);
    }

    private static void Count(Dictionary<Kind, (int Right, int False, int Missed)> counts, Kind kind, (int Right, int False, int Missed) add)
    {
        (int right, int wrong, int missed) = counts.GetValueOrDefault(kind);
        counts[kind] = (right + add.Right, wrong + add.False, missed + add.Missed);
    }

    private static void AssertSame(CommunitySnapshot expected, CommunitySnapshot actual)
    {
        Assert.Equal(expected.Ids, actual.Ids);
        Assert.Equal(expected.SinceUnixMs, actual.SinceUnixMs);
        Assert.Equal(expected.Memberships, actual.Memberships);
        Assert.Equal(expected.Standings.OrderBy(s => s.Key), actual.Standings.OrderBy(s => s.Key));
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal((expected.Modularity, expected.NextId), (actual.Modularity, actual.NextId));
    }

    /// <summary>As it stands in the topic.</summary>
    private static CommunityChunk Chunk(IReadOnlyList<string> vms, CommunitySnapshot snapshot) => new()
    {
        Vm = { vms },
        Community = { snapshot.Ids },
        SinceUnixMs = { snapshot.SinceUnixMs },
        Membership = { snapshot.Memberships.Select(m => m.Share) },
        Consensus = { snapshot.Memberships.Select(m => m.Consensus) },
        Alternative = { snapshot.Memberships.SelectMany(m => new[] { m.First.Community, m.Second.Community }) },
        AlternativeShare = { snapshot.Memberships.SelectMany(m => new[] { m.First.Share, m.Second.Share }) },
        Communities = { snapshot.Standings.Select(s => new Community { Id = s.Key, Stability = s.Value.Stability, VmsAtEvent = (uint)s.Value.VmsAtEvent }) },
        Modularity = snapshot.Modularity,
        NextCommunity = snapshot.NextId,
    };

    private static string[] Names(int n) => [.. Enumerable.Range(0, n).Select(i => $"vm-{i:00}")];

    private static IEnumerable<(int, int, double)> Clique(int first, int n, double weight)
    {
        for (int i = first; i < first + n; i++)
            for (int j = i + 1; j < first + n; j++) yield return (i, j, weight);
    }
}
