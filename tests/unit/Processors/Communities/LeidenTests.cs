using CsCheck;
using Pipeline.Processors.Communities;

namespace Pipeline.Tests.Unit.Processors.Communities;

public sealed class LeidenTests
{
    private static readonly LeidenOptions Options = new();

    /// <summary>Edges among so many nodes, the same pair and a node with itself included.</summary>
    private static Gen<(int Nodes, List<(int From, int To, double Weight)> Edges)> Graphs(int nodesMax, int edgesMax) =>
        from nodes in Gen.Int[1, nodesMax]
        from edges in Gen.Select(Gen.Int[0, nodes - 1], Gen.Int[0, nodes - 1], Gen.Double[.01, 1]).List[0, edgesMax]
        select (nodes, edges);

    [Fact]
    public void Every_community_is_connected_whatever_the_start() =>
        Gen.Select(Graphs(60, 120), Gen.Int[0, 5].Array[60], Gen.Double[.2, 3], Gen.Int[0, 1000]).Sample((g, start, resolution, seed) =>
        {
            CsrGraph graph = CsrGraph.FromEdges(g.Nodes, [.. g.Edges]);
            LeidenOptions options = new() { Resolution = resolution, Seed = seed };
            Assert.True(NaivePartitions.AllConnected(graph, Leiden.Run(graph, options)));
            Assert.True(NaivePartitions.AllConnected(graph, Leiden.Run(graph, options, start.AsSpan(0, g.Nodes))));
        }, iter: 500, seed: "0000000000000");

    [Fact]
    public void On_tiny_graphs_no_answer_is_above_the_best_of_all_partitions_and_the_best_of_ten_seeds_reaches_it()
    {
        // The same graphs every time: Leiden promises a local optimum, which a seed in two hundred finds to be less than the best.
        Random random = new(1);
        for (int i = 0; i < 300; i++)
        {
            int nodes = random.Next(1, 8);
            (int, int, double)[] edges = [.. Enumerable.Range(0, random.Next(16)).Select(_ => (random.Next(nodes), random.Next(nodes), .01 + random.NextDouble()))];
            double resolution = .5 + (1.5 * random.NextDouble());
            CsrGraph graph = CsrGraph.FromEdges(nodes, edges);
            double best = NaivePartitions.Best(graph, resolution);
            double[] found = [.. Enumerable.Range(0, 10).Select(seed => Leiden.Run(graph, Options with { Resolution = resolution, Seed = seed }).Modularity)];
            Assert.Equal(best, found.Max(), 1e-9);
        }
    }

    [Fact]
    public void The_modularity_of_the_answer_is_that_of_the_definition() =>
        Gen.Select(Graphs(40, 100), Gen.Double[.2, 3]).Sample((g, resolution) =>
        {
            Partition partition = Leiden.Run(CsrGraph.FromEdges(g.Nodes, [.. g.Edges]), new LeidenOptions { Resolution = resolution });
            Assert.Equal(NaivePartitions.Modularity(g.Nodes, g.Edges, partition.Labels, resolution), partition.Modularity, 1e-9);
        }, iter: 300, seed: "0000000000000");

    [Fact]
    public void A_start_is_never_made_worse() =>
        Gen.Select(Graphs(60, 150), Gen.Int[0, 9].Array[60]).Sample((g, start) =>
        {
            CsrGraph graph = CsrGraph.FromEdges(g.Nodes, [.. g.Edges]);
            int[] labels = [.. start.Take(g.Nodes).Select(label => label % g.Nodes)];
            Assert.True(Leiden.Run(graph, Options, labels).Modularity >= graph.Modularity(labels, 1) - 1e-9);
        }, iter: 300, seed: "0000000000000");

    [Fact]
    public void Labels_are_numbered_in_the_order_in_which_they_first_occur()
    {
        Partition partition = Leiden.Run(PlantedGraph.Build(500, 25, 3000, .8, seed: 3), Options);
        int next = 0;
        foreach (int label in partition.Labels)
        {
            Assert.InRange(label, 0, next);
            if (label == next) next++;
        }
        Assert.Equal(next, partition.Count);
    }

    [Fact]
    public void The_same_seed_gives_the_same_answer_on_any_number_of_threads()
    {
        CsrGraph graph = PlantedGraph.Build(5000, 40, 30_000, .6, seed: 1);
        Partition one = Leiden.Run(graph, Options with { Threads = 1 });
        foreach (int threads in (int[])[1, 2, 8])
        {
            Partition again = Leiden.Run(graph, Options with { Threads = threads });
            Assert.Equal(one.Labels, again.Labels);
            Assert.Equal(one.Modularity, again.Modularity);
        }
    }

    [Fact]
    public void Planted_communities_are_found()
    {
        const int nodes = 1000, block = 25;
        Partition partition = Leiden.Run(PlantedGraph.Build(nodes, block, 8000, .9, seed: 7), Options);
        Assert.Equal(Enumerable.Range(0, nodes).Select(v => v / block), partition.Labels);
    }

    [Fact]
    public void What_holds_together_only_by_its_start_comes_apart()
    {
        CsrGraph graph = CsrGraph.FromEdges(6, [(0, 1, 1), (2, 3, 1)]);
        Partition partition = Leiden.Run(graph, Options, [0, 0, 0, 0, 0, 0]);
        Assert.Equal([0, 0, 1, 1, 2, 3], partition.Labels);
        Assert.Equal(.5, partition.Modularity, 1e-12);
    }

    [Fact]
    public void A_higher_resolution_gives_more_communities()
    {
        CsrGraph graph = PlantedGraph.Build(1000, 25, 8000, .7, seed: 5);
        int[] counts = [.. new[] { .1, 1, 10 }.Select(r => Leiden.Run(graph, Options with { Resolution = r }).Count)];
        Assert.True(counts[0] < counts[1] && counts[1] < counts[2], string.Join(' ', counts));
    }

    [Fact]
    public void Weights_of_any_size_give_the_same_communities()
    {
        List<(int From, int To, double Weight)> edges = PlantedGraph.Edges(1000, 25, 8000, .7, seed: 5);
        Partition plain = Leiden.Run(CsrGraph.FromEdges(1000, [.. edges]), Options with { Randomness = 1e-9 });
        // A power of two scales without rounding; the randomness has the unit of the weights.
        double scale = Math.Pow(2, 40);
        Partition scaled = Leiden.Run(CsrGraph.FromEdges(1000, [.. edges.Select(e => (e.From, e.To, e.Weight * scale))]), Options with { Randomness = 1e-9 * scale });
        Assert.Equal(plain.Labels, scaled.Labels);
    }

    [Fact]
    public void Graphs_without_edges_have_every_node_alone()
    {
        foreach (int nodes in (int[])[0, 1, 3])
        {
            Partition partition = Leiden.Run(CsrGraph.FromEdges(nodes, []), Options);
            Assert.Equal(Enumerable.Range(0, nodes), partition.Labels);
            Assert.Equal((nodes, 0.0), (partition.Count, partition.Modularity));
        }
    }

    [Fact]
    public void Of_the_constant_Potts_model_too_the_best_of_ten_seeds_is_the_best_of_all_partitions()
    {
        Random random = new(2);
        for (int i = 0; i < 200; i++)
        {
            int nodes = random.Next(1, 8);
            (int, int, double)[] edges = [.. Enumerable.Range(0, random.Next(16)).Select(_ => (random.Next(nodes), random.Next(nodes), .01 + random.NextDouble()))];
            double resolution = .05 + random.NextDouble();
            CsrGraph graph = CsrGraph.FromEdges(nodes, edges);
            double Potts(int[] labels) => graph.TotalStrength == 0 ? 0 : NaivePartitions.Potts(nodes, edges, labels, resolution) / graph.TotalStrength;
            double best = NaivePartitions.Best(nodes, Potts);
            Partition[] found = [.. Enumerable.Range(0, 10).Select(seed => Leiden.Run(graph, Options with { Quality = Quality.Cpm, Resolution = resolution, Seed = seed }))];
            Assert.Equal(best, found.Max(p => p.Quality), 1e-9);
            Assert.All(found, p => Assert.Equal(Potts(p.Labels), p.Quality, 1e-9));
        }
    }

    [Theory]
    [InlineData(.001)]
    [InlineData(.01)]
    public void An_update_is_as_good_as_a_full_run_and_every_community_is_connected(double changed)
    {
        const int nodes = 3000;
        List<(int From, int To, double Weight)> edges = PlantedGraph.Edges(nodes, 30, 20_000, .8, seed: 11);
        CsrGraph graph = CsrGraph.FromEdges(nodes, [.. edges]);
        Partition partition = Leiden.Run(graph, Options);
        double full = partition.Quality;
        Random random = new(12);
        for (int round = 0; round < 10; round++)
        {
            List<int> touched = [];
            for (int i = 0; i < changed * edges.Count; i++)
            {
                int gone = random.Next(edges.Count), from = random.Next(nodes), to = (from / 30 * 30) + random.Next(30);
                touched.AddRange([edges[gone].From, edges[gone].To, from, to]);
                edges[gone] = (from, to, .1 + random.NextDouble());
            }
            graph = CsrGraph.FromEdges(nodes, [.. edges]);
            partition = Leiden.Update(graph, Options, partition.Labels, [.. touched], full);
            if (partition.IsFull) full = partition.Quality;
            Assert.True(NaivePartitions.AllConnected(graph, partition));
            Assert.Equal(graph.Modularity(partition.Labels, 1), partition.Modularity, 1e-12);
            double anew = Leiden.Run(graph, Options).Modularity;
            Assert.True(partition.Modularity >= anew - .0005, $"round {round}: {partition.Modularity} against {anew}");
        }
    }

    [Fact]
    public void An_update_whose_quality_has_drifted_becomes_a_full_run()
    {
        CsrGraph before = PlantedGraph.Build(1000, 25, 8000, .9, seed: 7), after = PlantedGraph.Build(1000, 40, 8000, .9, seed: 8);
        Partition old = Leiden.Run(before, Options);
        // Nothing is said to have changed, so nothing would be looked at.
        Partition updated = Leiden.Update(after, Options, old.Labels, [], old.Quality);
        Assert.True(updated.IsFull);
        Assert.True(updated.Modularity >= Leiden.Run(after, Options).Modularity - .0005);
        Partition same = Leiden.Update(before, Options, old.Labels, [], old.Quality);
        Assert.False(same.IsFull);
        Assert.Equal(old.Labels, same.Labels);
    }

    [Fact]
    public void A_start_of_the_wrong_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => Leiden.Run(CsrGraph.FromEdges(3, [(0, 1, 1)]), Options, [0, 1]));
}
