using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class TimeDigestsTests
{
    private readonly TimeDigests digests = new();

    [Fact]
    public void An_empty_row_has_no_quantile()
    {
        Assert.Equal((0, double.NaN), (digests.Count(3), digests.Quantile(3, .5)));
        digests.Add(7, 1);
        Assert.Equal((0, double.NaN), (digests.Count(3), digests.Quantile(3, .5)));
    }

    [Fact]
    public void Quantiles_are_off_by_a_twentieth_at_most()
    {
        SplitMix random = new(3);
        double[] times = [.. Enumerable.Range(0, 900).Select(_ => .001 * Math.Pow(random.NextDouble() + 1e-3, -1.5))];
        foreach (double time in times) digests.Add(2, time);
        Array.Sort(times);
        foreach (double level in (double[])[.01, .25, .5, .9, .99, 1])
        {
            double exact = Math.Clamp(times[(int)Math.Ceiling(level * times.Length) - 1], .001, 900);
            Assert.InRange(digests.Quantile(2, level), exact * .95 - 1e-9, exact * 1.05 + 1e-9);
        }
    }

    [Fact]
    public void What_is_out_of_range_counts_as_its_end()
    {
        digests.Add(0, 0);
        digests.Add(0, 1e9);
        Assert.InRange(digests.Quantile(0, .5), .00094, .00106);
        Assert.InRange(digests.Quantile(0, 1), 855, 945);
    }

    [Fact]
    public void A_function_that_changes_is_known_after_two_thousand_calls()
    {
        for (int i = 0; i < 10_000; i++) digests.Add(0, 1);
        for (int i = 0; i < 2_000; i++) digests.Add(0, 3);
        Assert.InRange(digests.Count(0), 500, 1000);
        Assert.InRange(digests.Quantile(0, .5), 2.85, 3.15);
    }
}
