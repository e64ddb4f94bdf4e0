using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Similarity;

public sealed class SimilarityGraphTests
{
    /// <summary>Single precision over hundreds of steps.</summary>
    private const double Precision = 2e-5;

    private static readonly SimilarityOptions Options = new();

    [Theory]
    [InlineData(2, 40, 1)]
    [InlineData(31, 36, 2)]
    [InlineData(33, 100, 3)]
    [InlineData(150, 200, 6)]
    [InlineData(300, 65, 4)]
    public void Without_gaps_the_neighbours_are_those_of_brute_force(int n, int length, int groups)
    {
        float[] cpu = Fleet.Make(n, length, groups, new Random(n));
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, Options);
        List<NaiveSimilarity.Neighbour>[] all = NaiveSimilarity.Of(cpu, n, length, Options);
        int edges = 0;
        for (int row = 0; row < n; row++)
        {
            List<NaiveSimilarity.Neighbour> naive = all[row];
            List<(int Row, float Weight)> fast = Neighbours(list, row);
            Assert.Equal(Math.Min(list.K, naive.Count), fast.Count);
            for (int i = 0; i < fast.Count; i++)
            {
                Assert.Equal(naive[i].Weight, fast[i].Weight, Precision);
                Assert.Contains(naive, x => x.Row == fast[i].Row && Math.Abs(x.Weight - fast[i].Weight) < Precision);
            }
            Assert.Equal(fast.Select(f => f.Row).Distinct().Count(), fast.Count);
            edges += fast.Count;
        }
        Assert.True(edges > n / 2, $"{edges} edges are too few to have tested anything");
    }

    [Theory]
    [InlineData(.01, .995)]
    [InlineData(.1, .96)]
    [InlineData(.3, .85)]
    public void With_gaps_weights_are_exact_and_almost_all_true_neighbours_are_found(double missing, double recallMin)
    {
        const int n = 200, length = 288;
        Random random = new(7);
        float[] cpu = Fleet.Make(n, length, 8, random);
        Fleet.Drop(cpu, missing, random);
        for (int vm = 0; vm < n; vm += 7) Fleet.Join(cpu, length, vm, 40 + (vm % 200));
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, Options);
        List<NaiveSimilarity.Neighbour>[] all = NaiveSimilarity.Of(cpu, n, length, Options);
        int wanted = 0, hit = 0;
        for (int row = 0; row < n; row++)
        {
            List<NaiveSimilarity.Neighbour> naive = all[row];
            List<(int Row, float Weight)> fast = Neighbours(list, row);
            foreach ((int other, float weight) in fast) Assert.Contains(naive, x => x.Row == other && Math.Abs(x.Weight - weight) < Precision);
            Assert.Equal(fast.OrderByDescending(f => f.Weight).ThenBy(f => f.Row), fast);
            HashSet<int> best = [.. naive.Take(list.K).Select(x => x.Row)];
            wanted += best.Count;
            hit += fast.Count(f => best.Contains(f.Row));
        }
        Assert.True(wanted > 5 * n, $"{wanted} true neighbours are too few to have tested anything");
        Assert.True(hit >= recallMin * wanted, $"{hit} of {wanted} true neighbours were found");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(.01)]
    public void Of_many_rows_nearly_all_edges_above_a_third_are_found_with_exact_weights(double missing)
    {
        const int n = 1500, length = 864;
        Random random = new(8);
        float[] cpu = Fleet.Make(n, length, 50, random);
        Fleet.Drop(cpu, missing, random);
        for (int vm = 0; vm < n; vm += 20) Fleet.Join(cpu, length, vm, 40 + (vm % 500));
        NeighbourList exact = SimilarityGraph.Build(cpu, n, length, Options);
        NeighbourList approximate = SimilarityGraph.Build(cpu, n, length, Options with { ExactRowsMax = n - 1 });
        int wanted = 0, hit = 0;
        for (int row = 0; row < n; row++)
        {
            List<(int Row, float Weight)> found = Neighbours(approximate, row);
            Assert.Equal(found.OrderByDescending(f => f.Weight).ThenBy(f => f.Row), found);
            foreach ((int other, float weight) in Neighbours(exact, row).Where(f => f.Weight > .3f))
            {
                wanted++;
                if (!found.Any(f => f.Row == other)) continue;
                hit++;
                Assert.Equal(weight, found.First(f => f.Row == other).Weight, Precision);
            }
        }
        Assert.True(wanted > 5 * n, $"{wanted} edges are too few to have tested anything");
        Assert.True(hit >= .98 * wanted, $"{hit} of {wanted} edges were found");
    }

    [Fact]
    public void Of_more_alike_rows_than_are_compared_exactly_others_nearly_as_good_are_found()
    {
        const int n = 800, length = 700;
        float[] cpu = Fleet.Make(n, length, 1, new Random(9));
        NeighbourList exact = SimilarityGraph.Build(cpu, n, length, Options);
        NeighbourList approximate = SimilarityGraph.Build(cpu, n, length, Options with { ExactRowsMax = n - 1 });
        Assert.NotEqual(exact.Index, approximate.Index);
        Assert.InRange(approximate.Weight.Average(), .98 * exact.Weight.Average(), exact.Weight.Average());
    }

    [Fact]
    public void Permuting_the_rows_permutes_the_answer()
    {
        const int n = 200, length = 120;
        Random random = new(3);
        float[] cpu = Fleet.Make(n, length, 5, random), shuffled = new float[cpu.Length];
        Fleet.Drop(cpu.AsSpan(0, cpu.Length / 2), .02, random);
        for (int vm = 0; vm < n; vm += 3) Fleet.Join(cpu, length, vm, 80);
        int[] order = [.. Enumerable.Range(0, n)];
        random.Shuffle(order);
        for (int i = 0; i < n; i++) cpu.AsSpan(order[i] * length, length).CopyTo(shuffled.AsSpan(i * length));
        NeighbourList plain = SimilarityGraph.Build(cpu, n, length, Options), permuted = SimilarityGraph.Build(shuffled, n, length, Options);
        for (int i = 0; i < n; i++)
            Assert.Equal(Neighbours(plain, order[i]), Neighbours(permuted, i).Select(f => (order[f.Row], f.Weight)));
    }

    [Fact]
    public void The_answer_does_not_depend_on_the_number_of_threads()
    {
        const int n = 700, length = 100;
        Random random = new(4);
        float[] cpu = Fleet.Make(n, length, 9, random);
        Fleet.Drop(cpu, .02, random);
        NeighbourList one = SimilarityGraph.Build(cpu, n, length, Options with { Threads = 1 });
        NeighbourList many = SimilarityGraph.Build(cpu, n, length, Options with { Threads = 7 });
        Assert.Equal(one.Index, many.Index);
        Assert.Equal(one.Weight, many.Weight);
    }

    [Fact]
    public void Of_equal_neighbours_the_lower_row_comes_first()
    {
        const int n = 100, length = 60;
        float[] one = Fleet.Make(1, length, 1, new Random(5)), cpu = new float[n * length];
        for (int i = 0; i < n; i++) one.CopyTo(cpu, i * length);
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, Options);
        for (int row = 0; row < n; row++)
            Assert.Equal(Enumerable.Range(0, n).Where(r => r != row).Take(list.K), Neighbours(list, row).Select(f => f.Row));
    }

    [Fact]
    public void Constant_and_unknown_rows_have_no_edges()
    {
        const int n = 40, length = 100;
        float[] cpu = Fleet.Make(n, length, 1, new Random(6));
        cpu.AsSpan(0, length).Fill(.25f);
        cpu.AsSpan(length, length).Fill(float.NaN);
        cpu.AsSpan(2 * length, length).Clear();
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, Options);
        for (int row = 0; row < 3; row++) Assert.Empty(Neighbours(list, row));
        for (int row = 3; row < n; row++)
        {
            Assert.Equal(list.K, Neighbours(list, row).Count);
            Assert.DoesNotContain(Neighbours(list, row), f => f.Row < 3);
        }
    }

    [Fact]
    public void A_new_vm_has_edges_from_the_36th_step_on()
    {
        const int n = 50, length = 500;
        float[] cpu = Fleet.Make(n, length, 1, new Random(8));
        Fleet.Join(cpu, length, 0, 35);
        Fleet.Join(cpu, length, 1, 36);
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, Options);
        Assert.Empty(Neighbours(list, 0));
        Assert.NotEmpty(Neighbours(list, 1));
        double[] own = NaiveSimilarity.Changes(cpu.AsSpan(length, length));
        foreach ((int other, float weight) in Neighbours(list, 1))
            Assert.Equal(NaiveSimilarity.Correlation(own, NaiveSimilarity.Changes(cpu.AsSpan(other * length, length)), Options.HalfLifeSteps).Value, weight, Precision);
    }

    [Fact]
    public void Vms_that_were_never_known_together_have_no_edge()
    {
        const int length = 200;
        float[] one = Fleet.Make(1, length, 1, new Random(9)), cpu = [.. one, .. one];
        cpu.AsSpan(100, 100).Fill(float.NaN);
        cpu.AsSpan(length, 120).Fill(float.NaN);
        Assert.All(SimilarityGraph.Build(cpu, 2, length, Options).Index, i => Assert.Equal(-1, i));
    }

    [Theory]
    [InlineData(0, 864)]
    [InlineData(1, 864)]
    [InlineData(2, 0)]
    [InlineData(2, 35)]
    public void Where_there_is_nothing_to_compare_there_are_no_edges(int n, int length)
    {
        NeighbourList list = SimilarityGraph.Build(new float[n * length], n, length, Options);
        Assert.Equal((n, Options.K), (list.Rows, list.K));
        Assert.Equal(n * Options.K, list.Index.Count(i => i == -1));
    }

    [Fact]
    public void Values_that_are_not_rows_by_steps_are_refused() =>
        Assert.Throws<ArgumentException>(() => SimilarityGraph.Build(new float[99], 2, 50, Options));

    private static List<(int Row, float Weight)> Neighbours(NeighbourList list, int row) =>
        [.. Enumerable.Range(row * list.K, list.K).Where(i => list.Index[i] >= 0).Select(i => (list.Index[i], list.Weight[i]))];
}
