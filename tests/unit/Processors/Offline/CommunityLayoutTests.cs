using Pipeline.Processors.Offline;

namespace Pipeline.Tests.Unit.Processors.Offline;

public sealed class CommunityLayoutTests
{
    [Fact]
    public void Discs_lie_apart_the_linked_ones_near_each_other_and_all_within_the_ring()
    {
        int[][] groups = [.. Enumerable.Range(0, 8).Select(g => Enumerable.Range(g * 20, 20).ToArray())];
        double[,] links = new double[8, 8];
        (links[0, 5], links[5, 0]) = (10, 10);
        (double[] x, double[] y) = CommunityLayout.Place(groups, links, [160, 161, 162], 163);
        (double X, double Y)[] centres = [.. groups.Select(g => (g.Average(r => x[r]), g.Average(r => y[r])))];
        for (int a = 0; a < 8; a++)
            for (int b = a + 1; b < 8; b++) Assert.True(Distance(centres[a], centres[b]) > 2 * Math.Sqrt(20), $"discs {a} and {b} overlap");
        // They touch: no disc lies between them.
        Assert.True(Distance(centres[0], centres[5]) < 1.1 * 2 * (Math.Sqrt(20) + 1), $"{Distance(centres[0], centres[5])}");
        double ring = Distance((0, 0), (x[160], y[160]));
        Assert.All(groups.SelectMany(g => g), r => Assert.True(Distance((0, 0), (x[r], y[r])) < ring));
    }

    private static double Distance((double X, double Y) a, (double X, double Y) b) => Math.Sqrt(Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2));
}
