using CsCheck;
using Pipeline.Predictor.Evaluation;

namespace Pipeline.Tests.Unit.Predictor.Evaluation;

public sealed class IsotonicRegressionTests
{
    [Fact]
    public void A_violation_is_pooled()
    {
        IsotonicRegression fit = IsotonicRegression.Fit([1, 2, 3, 4], [false, true, false, true]);
        Assert.Equal(0, fit.Probability(1));
        Assert.Equal(0.5f, fit.Probability(2));
        Assert.Equal(0.5f, fit.Probability(3.5f));
        Assert.Equal(1, fit.Probability(9));
        Assert.Equal(0, fit.Probability(-9));
    }

    [Fact]
    public void Nothing_fitted_gives_nought() => Assert.Equal(0, IsotonicRegression.Fit([], []).Probability(1));

    [Fact]
    public void Probabilities_rise_and_keep_the_base_rate() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 9]).Array[1, 50].Sample(cases =>
        {
            bool[] outcome = [.. cases.Select(c => c.Item1)];
            float[] score = [.. cases.Select(c => (float)c.Item2)];
            IsotonicRegression fit = IsotonicRegression.Fit(score, outcome);
            float[] p = [.. Enumerable.Range(0, 10).Select(s => fit.Probability(s))];
            double mean = score.Average(s => (double)fit.Probability(s));
            return p.SequenceEqual(p.Order()) && Math.Abs(mean - Measures.BaseRate(outcome)) < 1e-5;
        });
}
