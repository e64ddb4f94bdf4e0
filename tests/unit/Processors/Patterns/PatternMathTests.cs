using Pipeline.Processors.Patterns;

namespace Pipeline.Tests.Unit.Processors.Patterns;

public sealed class PatternMathTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(512)]
    public void The_transform_is_that_of_the_definition(int size)
    {
        Random random = new(size);
        Fourier fourier = new(size);
        float[] re = [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() - .5f)], im = [.. Enumerable.Range(0, size).Select(_ => random.NextSingle() - .5f)];
        re.CopyTo(fourier.Real);
        im.CopyTo(fourier.Imaginary);
        fourier.Transform();
        for (int k = 0; k < size; k++)
        {
            double r = 0, i = 0;
            for (int t = 0; t < size; t++)
            {
                (double s, double c) = Math.SinCos(-2 * Math.PI * t * k / size);
                r += (re[t] * c) - (im[t] * s);
                i += (re[t] * s) + (im[t] * c);
            }
            Assert.Equal(r, fourier.Real[k], 1e-4);
            Assert.Equal(i, fourier.Imaginary[k], 1e-4);
        }
    }

    [Theory]
    [InlineData(50)]
    [InlineData(301)]
    public void The_autocorrelation_is_that_over_the_known_pairs(int length)
    {
        Random random = new(length);
        float[] known = [.. Enumerable.Range(0, length).Select(_ => random.Next(5) == 0 ? 0f : 1)];
        float[] x = [.. known.Select(k => k * (random.NextSingle() - .5f))];
        Autocorrelation autocorrelation = new(length);
        autocorrelation.Compute(x, known);
        double variance = x.Sum(v => v * v) / known.Sum();
        Assert.Equal((length / 2) + 1, autocorrelation.Correlation.Length);
        for (int lag = 0; lag <= length / 2; lag++)
        {
            double products = 0, pairs = 0;
            for (int t = lag; t < length; t++)
            {
                products += x[t] * x[t - lag];
                pairs += known[t] * known[t - lag];
            }
            Assert.Equal(products / pairs / variance, autocorrelation.Correlation[lag], 1e-3);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, .317310508)]
    [InlineData(-1.959963985, .05)]
    [InlineData(3.5, 4.6525816e-4)]
    [InlineData(6, 1.9731753e-9)]
    public void Tails_of_the_normal_distribution(double z, double p) => Assert.Equal(1, Probability.TwoSidedNormal(z) / p, 1e-6);

    [Fact]
    public void Tails_of_the_binomial_distribution()
    {
        Assert.Equal(.0546875, Probability.BinomialAtLeast(8, 10, .5), 1e-9);
        Assert.Equal(.0546875, Probability.BinomialAtMost(2, 10, .5), 1e-9);
        Assert.Equal(1, Probability.BinomialAtLeast(0, 10, .1));
        Assert.Equal(0, Probability.BinomialAtLeast(1, 10, 0));
        Assert.Equal(1, Probability.BinomialAtMost(10, 10, 1));
    }

    /// <summary>The example of Benjamini and Hochberg (1995), section 3.3: fifteen tests, four of them believed at .05.</summary>
    [Fact]
    public void False_discoveries_are_kept_to_their_share()
    {
        double[] p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1];
        Assert.Equal(.0095, FalseDiscovery.Threshold(p, 15, .05, dependent: false));
        Assert.Equal(.0019, FalseDiscovery.Threshold(p, 15, .05, dependent: true));
        Assert.Equal(-1, FalseDiscovery.Threshold([.2, .5], 2, .05, dependent: false));
        Assert.Equal(-1, FalseDiscovery.Threshold([], 0, .05, dependent: false));
    }

    [Fact]
    public void Quantiles_are_within_a_bin_of_the_sorted_ones()
    {
        float[] x = [.. Enumerable.Range(0, 1001).Select(i => i / 1000f)], known = [.. x.Select(_ => 1f)];
        new Random(1).Shuffle(x);
        Quantiles quantiles = new();
        quantiles.Fill(x, known);
        Assert.Equal(.5, quantiles.At(.5), 2e-3);
        Assert.Equal(.99, quantiles.At(.99), 2e-3);
        Assert.Equal(1, quantiles.Max);
    }
}
