using CsCheck;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class CsrGraphTests
{
    [Fact]
    public void Modularity_is_that_of_the_definition_and_stays_the_same_when_communities_become_nodes() =>
        Gen.Select(Gen.Select(Gen.Int[0, 19], Gen.Int[0, 19], Gen.Double[.01, 1]).List[0, 60], Gen.Int[0, 4].Array[20], Gen.Double[.2, 3]).Sample((edges, labels, resolution) =>
        {
            CsrGraph graph = CsrGraph.FromEdges(20, [.. edges]);
            double modularity = graph.Modularity(labels, resolution);
            Assert.Equal(NaivePartitions.Modularity(20, edges, labels, resolution), modularity, 1e-9);
            CsrGraph whole = graph.Aggregate(labels, 5);
            Assert.Equal(modularity, whole.Modularity([0, 1, 2, 3, 4], resolution), 1e-9);
            Assert.Equal(graph.TotalStrength, whole.Strengths.Sum(), 1e-9);
        }, iter: 300, seed: "0000000000000");

    [Fact]
    public void An_edge_stands_in_the_rows_of_both_its_ends_and_loops_are_left_out()
    {
        CsrGraph graph = CsrGraph.FromEdges(3, [(0, 2, .5), (1, 1, 9), (2, 0, .25)]);
        Assert.Equal([0, 2, 2, 4], graph.Offsets);
        Assert.Equal([2, 2, 0, 0], graph.Targets);
        Assert.Equal([.75, 0, .75], graph.Strengths);
        Assert.Equal(1.5, graph.TotalStrength);
    }

    [Fact]
    public void Neighbours_become_mutual_with_the_larger_weight_of_both_directions()
    {
        NeighbourList list = new(3, 2, [1, 2, 0, -1, -1, -1], [.5f, .25f, .75f, 0, 0, 0]);
        CsrGraph graph = CsrGraph.FromNeighbours(list);
        Assert.Equal([0, 2, 3, 4], graph.Offsets);
        Assert.Equal([1, 2, 0, 0], graph.Targets);
        Assert.Equal([.75, .25, .75, .25], graph.Weights);
    }

    [Fact]
    public void A_list_of_nobody_is_an_empty_graph() =>
        Assert.Equal(0, CsrGraph.FromNeighbours(new NeighbourList(0, 16, [], [])).Nodes);
}
