using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Similarity;

public sealed class ChanceFloorTests
{
    [Theory]
    [InlineData(2, .05, 1.6448536)]
    [InlineData(11, .05, 2.5758293)]
    [InlineData(10_000, .05, 4.4171)]
    public void It_is_fishers_test_at_the_normal_quantile_of_the_tables(int rows, double falseEdges, double z) =>
        Assert.Equal(Math.Tanh(z / 10), new ChanceFloor(rows, falseEdges).At(103), 1e-4);

    [Fact]
    public void Fewer_samples_and_more_rows_raise_it()
    {
        ChanceFloor small = new(100, .05), large = new(10_000, .05);
        Assert.True(small.At(36) > small.At(100));
        Assert.True(large.At(36) > small.At(36));
        Assert.Equal(1, small.At(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Vms_that_have_nothing_in_common_get_hardly_more_edges_than_the_share_asked_for(bool walk)
    {
        const int n = 600, length = 300;
        Random random = new(2);
        float[] cpu = new float[n * length];
        for (int row = 0; row < n; row++)
        {
            float level = .3f;
            for (int t = 0; t < length; t++)
                cpu[(row * length) + t] = level = walk ? Math.Clamp(level + ((random.NextSingle() - .5f) / 50), .1f, .6f) : random.NextSingle();
        }
        NeighbourList list = SimilarityGraph.Build(cpu, n, length, new SimilarityOptions { FalseEdges = .05 });
        Assert.InRange(Enumerable.Range(0, n).Count(row => list.Index[row * list.K] >= 0), 0, .08 * n);
    }
}
