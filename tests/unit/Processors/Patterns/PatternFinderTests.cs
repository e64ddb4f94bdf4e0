using Pipeline.Processors.Patterns;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Patterns;

public sealed class PatternFinderTests
{
    private static readonly PatternOptions Options = new();

    [Theory]
    [InlineData(864, 11)]
    [InlineData(2016, 12)]
    public void Leaders_are_found_with_their_lag_and_sign(int length, int seed)
    {
        PlantedFleet fleet = PlantedFleet.WithLeaders(80, length, new Random(seed));
        List<(int Leader, int Follower, int Lag, int Sign)> found =
        [
            .. Find(fleet).Where(p => p.Kind == PatternKind.Leads).Select(p => (p.Subject.Number, p.Other!.Value.Number, p.LagSteps, Math.Sign(p.Correlation))),
        ];
        AssertF1(fleet.Leaders.Count(found.Contains), found.Count, fleet.Leaders.Count);
    }

    [Theory]
    [InlineData(864, 21, PatternKind.Together)]
    [InlineData(864, 22, PatternKind.InTurn)]
    [InlineData(2016, 23, PatternKind.Together)]
    [InlineData(2016, 24, PatternKind.InTurn)]
    [InlineData(2016, 25, PatternKind.Exclusive)]
    public void Communities_that_burst_together_in_turn_or_apart_are_found(int length, int seed, PatternKind kind)
    {
        PlantedFleet fleet = PlantedFleet.WithCoBursts(12, 30, length, new Random(seed));
        List<Pattern> found = [.. Find(fleet).Where(p => p.Kind == kind)];
        List<(PatternKind Kind, int First, int Second, int Lag)> planted = [.. fleet.CoBursts.Where(c => c.Kind == kind)];
        int right = planted.Count(c => found.Exists(p => p.Subject.Number == c.First && p.Other!.Value.Number == c.Second && Math.Abs(p.LagSteps - c.Lag) <= 1));
        AssertF1(right, found.Count, planted.Count);
    }

    [Fact]
    public void VMs_and_communities_that_have_nothing_to_do_with_each_other_are_not_connected()
    {
        Random random = new(31);
        const int N = 200, Length = 864, K = 16;
        float[] cpu = [.. Enumerable.Range(0, N).SelectMany(_ => PlantedSeries.Noise(Length, .4, .1, PlantedSeries.Between(random, 0, .95), random).Select(v => (float)v))];
        NeighbourList neighbours = new(N, K, [.. Enumerable.Range(0, N * K).Select(_ => random.Next(N))], new float[N * K]);

        IReadOnlyList<Pattern> patterns = PatternFinder.Find(cpu, N, Length, [.. Enumerable.Range(0, N).Select(i => i / 4)], neighbours, Options);

        Assert.True(patterns.Count(p => p.Kind >= PatternKind.Leads) <= 2);
    }

    /// <summary>Bursts that keep to hours of their own community, three hours of thirty minutes' bursts at a time, and to nobody else's.</summary>
    [Fact]
    public void Bursts_that_cluster_by_themselves_are_no_co_bursts()
    {
        Random random = new(41);
        const int Communities = 40, Length = 2016;
        List<float> cpu = [];
        for (int c = 0; c < Communities; c++)
        {
            float[] shared = new float[Length];
            for (int busy = 0; busy < 10; busy++)
                for (int i = 0, at = random.Next(Length - 40); i < 4; i++)
                    for (int t = 0, start = at + random.Next(36); t < 3; t++) shared[start + t] = .5f;
            for (int vm = 0; vm < 2; vm++) cpu.AddRange(PlantedSeries.Noise(Length, .1, .01, .3, random).Select((v, t) => (float)v + shared[t]));
        }
        IReadOnlyList<Pattern> patterns = PatternFinder.Find([.. cpu], Communities * 2, Length, [.. Enumerable.Range(0, Communities * 2).Select(i => i / 2)], null, Options);

        // 780 pairs; one in a hundred of them would be 8.
        Assert.True(patterns.Count(p => p.Kind > PatternKind.Leads) <= 2);
    }

    [Fact]
    public void The_answer_does_not_depend_on_the_number_of_threads()
    {
        PlantedFleet fleet = PlantedFleet.WithLeaders(20, 864, new Random(1));
        Assert.Equal(Find(fleet, Options with { Threads = 1 }), Find(fleet, Options with { Threads = 3 }));
    }

    [Fact]
    public void Permuting_VMs_permutes_the_answer()
    {
        PlantedFleet fleet = PlantedFleet.WithLeaders(20, 864, new Random(2));
        int n = fleet.N, length = fleet.Length, k = fleet.Neighbours!.K;
        int[] to = [.. Enumerable.Range(0, n)];
        new Random(3).Shuffle(to);
        float[] cpu = new float[fleet.Cpu.Length];
        NeighbourList neighbours = new(n, k, new int[n * k], new float[n * k]);
        for (int i = 0; i < n; i++)
        {
            fleet.Cpu.AsSpan(i * length, length).CopyTo(cpu.AsSpan(to[i] * length));
            for (int j = 0; j < k; j++) neighbours.Index[(to[i] * k) + j] = to[fleet.Neighbours.Index[(i * k) + j]];
        }
        int[] alone = [.. Enumerable.Repeat(-1, n)];

        IEnumerable<Pattern> moved = PatternFinder.Find(fleet.Cpu, n, length, alone, fleet.Neighbours, Options)
            .Select(p => p with { Subject = PatternSubject.Vm(to[p.Subject.Number]), Other = p.Other is { } o ? PatternSubject.Vm(to[o.Number]) : null });
        Assert.Equal(moved.Select(Text).Order(StringComparer.Ordinal), PatternFinder.Find(cpu, n, length, alone, neighbours, Options).Select(Text).Order(StringComparer.Ordinal));

        // Sums over a pair run in the order of the pair: the last digits may differ.
        static string Text(Pattern p) => $"{p.Kind} {p.Subject} {p.Other} {p.StartStep} {p.LagSteps} {p.Correlation:f4} {p.Measures} {p.Shift}";
    }

    [Fact]
    public void Empty_and_short_inputs_have_no_patterns()
    {
        Assert.Empty(PatternFinder.Find([], 0, 0, [], null, Options));
        Assert.Empty(PatternFinder.Find([], 3, 0, [0, 0, 0], null, Options));
        for (int length = 1; length <= 3; length++)
        {
            NeighbourList neighbours = new(2, 1, [1, 0], [1, 1]);
            Assert.Empty(PatternFinder.Find(new float[2 * length], 2, length, [0, 0], neighbours, Options));
        }
        float[] missing = [.. Enumerable.Repeat(float.NaN, 2000)];
        Assert.Empty(PatternFinder.Find(missing, 2, 1000, [0, 0], new NeighbourList(2, 1, [1, 0], [1, 1]), Options));
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PatternFinder.Find(new float[5], 2, 3, [0, 0], null, Options));
        Assert.Throws<ArgumentException>(() => PatternFinder.Find(new float[6], 2, 3, [0], null, Options));
        Assert.Throws<ArgumentException>(() => PatternFinder.Find(new float[6], 2, 3, [0, 0], new NeighbourList(1, 1, [-1], [0]), Options));
    }

    private static IReadOnlyList<Pattern> Find(PlantedFleet fleet, PatternOptions? options = null)
        => PatternFinder.Find(fleet.Cpu, fleet.N, fleet.Length, fleet.Communities, fleet.Neighbours, options ?? Options);

    private static void AssertF1(int right, int found, int planted)
    {
        double f1 = 2.0 * right / (found + planted);
        Assert.True(f1 >= .95, $"F1 {f1:f3}: {right} right of {found} found and {planted} planted");
    }
}
