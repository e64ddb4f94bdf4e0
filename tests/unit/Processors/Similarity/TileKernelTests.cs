using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Similarity;

public sealed class TileKernelTests
{
    private const int Panel = TileKernel.Panel;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void Products_are_sums_in_the_order_of_the_steps_to_the_bit(int steps)
    {
        Random random = new(1);
        float[] left = [.. Enumerable.Range(0, steps * Panel).Select(_ => random.NextSingle() - .5f)], right = [.. left.Reverse()];
        float[] wide = new float[Panel * Panel], narrow = new float[Panel * Panel];
        TileKernel.Multiply(left, right, steps, wide);
        TileKernel.MultiplyNarrow(left, right, steps, narrow);
        for (int a = 0; a < Panel; a++)
        {
            for (int b = 0; b < Panel; b++)
            {
                float sum = 0;
                for (int t = 0; t < steps; t++) sum = MathF.FusedMultiplyAdd(left[(t * Panel) + a], right[(t * Panel) + b], sum);
                Assert.Equal(sum, wide[(a * Panel) + b]);
                Assert.Equal(sum, narrow[(a * Panel) + b]);
            }
        }
    }

    [Fact]
    public void Panels_that_are_too_short_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TileKernel.Multiply(new float[Panel], new float[2 * Panel], 2, new float[Panel * Panel]));
}
