using System.Runtime.InteropServices;
using Pipeline.Predictor.Baselines;

namespace Pipeline.Tests.Unit.Predictor.Baselines;

public sealed class TreeDataTests
{
    [LightGbmFact]
    public void Trees_find_what_no_straight_line_does()
    {
        (float[] values, float[] label) = Rows(seed: 1);
        using TreeData data = new(values, 2, [.. Enumerable.Repeat(1f, label.Length)]);
        using BoostedTrees trees = data.Fit(label, TreeOptions.Classifier(threads: 1) with { LearningRate = .1, LambdaL2 = 0, MinHessian = 1 }, CancellationToken.None);
        (float[] others, float[] truth) = Rows(seed: 2);
        double[] probability = [.. trees.Predict(others)];
        Assert.True(probability.Zip(truth).Count(p => p.First > .5 == p.Second > .5) > .9 * truth.Length);
    }

    [LightGbmFact]
    public void A_quantile_is_above_its_share_of_the_rows()
    {
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, 4000).Select(_ => random.NextSingle())], label = [.. values.Select(v => v + random.NextSingle())];
        using TreeData data = new(values, 1, [.. Enumerable.Repeat(1f, label.Length)]);
        using BoostedTrees trees = data.Fit(label, TreeOptions.Quantile(.9, threads: 1) with { Leaves = 7 }, CancellationToken.None);
        double[] quantile = [.. trees.Predict(values)];
        Assert.InRange(label.Zip(quantile).Count(p => p.First <= p.Second) / (double)label.Length, .85, .95);
    }

    /// <summary>Two columns; the outcome is true in the middle of the first.</summary>
    private static (float[] Values, float[] Label) Rows(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, 6000).Select(_ => random.NextSingle())];
        return (values, [.. Enumerable.Range(0, 3000).Select(i => values[2 * i] is > .25f and < .75f ? 1f : 0f)]);
    }

    /// <summary>LightGBM is there for x64, and on Linux it wants libgomp from the system.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LightGbmFactAttribute : FactAttribute
    {
        public LightGbmFactAttribute()
        {
            if (!NativeLibrary.TryLoad("lib_lightgbm", typeof(TreeData).Assembly, null, out _)) Skip = "LightGBM does not load on this machine; it needs x64 and, on Linux, libgomp";
        }
    }
}
