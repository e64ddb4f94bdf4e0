using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Tests.Unit.Predictor.Network;

public sealed class ServingGraphTests
{
    private const int Rows = 9;

    [Fact]
    public void Members_are_averaged()
    {
        float[] first = TestModel.RandomWeights(1), second = TestModel.RandomWeights(2);
        float[] one = Quantiles(first), two = Quantiles(second), both = Quantiles(first, second);
        Assert.Equal(one, Quantiles(first, first), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.NotEqual(one, two);
        // The first horizon's median: no running maximum has touched it.
        for (int row = 0; row < Rows; row++)
        {
            int at = row * 4 * 3;
            if (Inside(one[at]) && Inside(two[at])) Assert.Equal((one[at] + two[at]) / 2, both[at], 1e-5);
        }
        Assert.Contains(Enumerable.Range(0, Rows), row => Inside(one[row * 12]) && Inside(two[row * 12]) && Math.Abs(one[row * 12] - two[row * 12]) > 0.01);

        static bool Inside(float quantile) => quantile is > 0 and < 1;
    }

    [Fact]
    public void Logits_of_members_are_averaged()
    {
        float[] first = TestModel.RandomWeights(1), second = TestModel.RandomWeights(2);
        float[] one = Run(first).BusyProbability, two = Run(second).BusyProbability, both = Run(first, second).BusyProbability;
        // The first horizon: no running maximum has touched it.
        for (int row = 0; row < Rows; row++) Assert.Equal((Logit(one[row * 8]) + Logit(two[row * 8])) / 2, Logit(both[row * 8]), 1e-3);
        Assert.Contains(Enumerable.Range(0, Rows), row => Math.Abs(one[row * 8] - two[row * 8]) > 0.01);

        static double Logit(float p) => Math.Log(p / (1 - p));
    }

    private static float[] Quantiles(params float[][] members) => Run(members).PeakQuantile[..(Rows * 4 * 3)];

    private static Forecast Run(params float[][] members)
    {
        byte[] model = ServingGraph.Build(TestModel.Options, InputScaling.Identity(TestModel.Options), members);
        using Scorer scorer = new(model, TestModel.Signature, threads: 1);
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(TestModel.Snapshot(Rows)));
        Forecast forecast = new();
        scorer.Run(reader.Inputs, forecast);
        return forecast;
    }
}
