using Pipeline.Processors.Communities;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class HysteresisTests
{
    private const double Margin = .15, Merge = .3;

    [Fact]
    public void A_node_goes_where_clearly_more_of_its_edges_lead()
    {
        // Node 3 was with 0, 1, 2 and is found with 4, 5, 6.
        Assert.Equal([3, 4, 5, 6], With(Settle(old: .3, found: .7), 3));
        Assert.Equal([0, 1, 2, 3], With(Settle(old: .5, found: .6), 3));
    }

    [Fact]
    public void A_part_that_is_hardly_held_goes_its_own_way_and_not_into_the_next_best()
    {
        // Nodes 0 and 1 hold together; they were with 2, 3, 4 and are found with 5, 6, 7.
        (int, int, double)[] edges = [(0, 1, .9), (1, 2, .1), (1, 5, .2), (2, 3, .8), (3, 4, .8), (2, 4, .8), (5, 6, .8), (6, 7, .8), (5, 7, .8)];
        int[] settled = Hysteresis.Settle(CsrGraph.FromEdges(8, edges), [0, 0, 0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 1, 1, 1], Margin, Merge);
        Assert.Equal([0, 1], With(settled, 0));
        Assert.Equal([2, 3, 4], With(settled, 2));
        Assert.Equal([5, 6, 7], With(settled, 5));
    }

    [Theory]
    [InlineData(.9, true)]
    [InlineData(.1, false)]
    public void A_whole_community_goes_into_another_that_holds_a_share_of_its_edges(double link, bool merges)
    {
        (int, int, double)[] edges = [(0, 1, .5), (0, 2, link), (1, 3, link), (2, 3, .5)];
        int[] settled = Hysteresis.Settle(CsrGraph.FromEdges(4, edges), [0, 0, 1, 1], [0, 0, 0, 0], Margin, Merge);
        Assert.Equal(merges ? 1 : 2, settled.Distinct().Count());
        Assert.Equal(settled[0], settled[1]);
        Assert.Equal(settled[2], settled[3]);
    }

    [Fact]
    public void Who_was_alone_or_is_new_goes_where_it_was_found() =>
        Assert.Equal([0, 1, 2, 4], With(Hysteresis.Settle(CsrGraph.FromEdges(5, (0, 1, .9), (1, 2, .9), (2, 4, .01)), [0, 0, 0, 1, 2], [0, 0, 0, 1, 0], Margin, Merge), 0));

    [Fact]
    public void A_split_into_halves_without_edges_between_them_is_let_through()
    {
        (int, int, double)[] edges = [(0, 1, .5), (1, 2, .5), (0, 2, .5), (3, 4, .5), (4, 5, .5), (3, 5, .5), (2, 3, .1)];
        int[] settled = Hysteresis.Settle(CsrGraph.FromEdges(6, edges), [0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1], Margin, Merge);
        Assert.Equal([0, 1, 2], With(settled, 0));
        Assert.Equal([3, 4, 5], With(settled, 3));
    }

    private static int[] Settle(double old, double found)
    {
        (int, int, double)[] edges = [(0, 1, .8), (1, 2, .8), (0, 2, .8), (4, 5, .8), (5, 6, .8), (4, 6, .8), (3, 0, old), (3, 4, found)];
        return Hysteresis.Settle(CsrGraph.FromEdges(7, edges), [0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1], Margin, Merge);
    }

    private static int[] With(int[] labels, int node) => [.. Enumerable.Range(0, labels.Length).Where(v => labels[v] == labels[node])];
}
