using Pipeline.Predictor.Baselines;

namespace Pipeline.Tests.Unit.Predictor.Baselines;

public sealed class TreeDataTests
{
    [LightGbmFact]
    public void Trees_find_what_no_straight_line_does()
    {
        (float[] values, float[] label) = Rows(seed: 1);
        using BoostedTrees trees = Fit(values, 2, label, TreeOptions.Classifier with { LearningRate = .1, LambdaL2 = 0, MinHessian = 1 });
        (float[] others, float[] truth) = Rows(seed: 2);
        double[] probability = new double[truth.Length];
        trees.Predict(others, probability);
        Assert.True(probability.Zip(truth).Count(p => p.First > .5 == p.Second > .5) > .9 * truth.Length);
    }

    [LightGbmFact]
    public void A_quantile_is_above_its_share_of_the_rows()
    {
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, 4000).Select(_ => random.NextSingle())], label = [.. values.Select(v => v + random.NextSingle())];
        using BoostedTrees trees = Fit(values, 1, label, TreeOptions.Quantile(.9) with { Leaves = 7 });
        double[] quantile = new double[label.Length];
        trees.Predict(values, quantile);
        Assert.InRange(label.Zip(quantile).Count(p => p.First <= p.Second) / (double)label.Length, .85, .95);
    }

    [LightGbmFact]
    public void Models_that_are_fitted_side_by_side_are_those_fitted_alone()
    {
        (float[] values, float[] label) = Rows(seed: 1);
        float[] other = [.. label.Select(l => 1 - l)], weight = [.. Enumerable.Repeat(1f, label.Length)];
        (float[] Label, TreeOptions Options)[] wanted = [(label, TreeOptions.Classifier), (other, TreeOptions.Classifier), (label, TreeOptions.Classifier with { Leaves = 7 })];
        BoostedTrees[] all = TreeData.FitAll(values, 2, weight, wanted, threads: 2, CancellationToken.None);
        double[] together = new double[label.Length], alone = new double[label.Length];
        for (int i = 0; i < all.Length; i++)
        {
            using BoostedTrees one = Fit(values, 2, wanted[i].Label, wanted[i].Options);
            one.Predict(values, alone);
            all[i].Predict(values, together);
            Assert.Equal(alone, together);
            all[i].Dispose();
        }
    }

    [LightGbmFact]
    public void Cancelling_is_told_as_such_by_fits_side_by_side()
    {
        (float[] values, float[] label) = Rows(seed: 1);
        (float[] Label, TreeOptions Options)[] two = [(label, TreeOptions.Classifier), (label, TreeOptions.Classifier)];
        Assert.ThrowsAny<OperationCanceledException>(() => TreeData.FitAll(values, 2, [.. Enumerable.Repeat(1f, label.Length)], two, threads: 2, new CancellationToken(canceled: true)));
    }

    private static BoostedTrees Fit(float[] values, int columns, float[] label, TreeOptions options) =>
        TreeData.FitAll(values, columns, [.. Enumerable.Repeat(1f, label.Length)], [(label, options)], threads: 1, CancellationToken.None)[0];

    /// <summary>Two columns; the outcome is true in the middle of the first.</summary>
    private static (float[] Values, float[] Label) Rows(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, 6000).Select(_ => random.NextSingle())];
        return (values, [.. Enumerable.Range(0, 3000).Select(i => values[2 * i] is > .25f and < .75f ? 1f : 0f)]);
    }
}
