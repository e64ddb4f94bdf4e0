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
    public void Quantiles_come_from_those_that_learned_them_and_chances_from_all()
    {
        float[] first = TestModel.RandomWeights(1), second = TestModel.RandomWeights(2);
        Forecast split = Run([new(Objective.Quantiles, first), new(Objective.Busy, second)]), one = Run(TestModel.Members(first)), both = Run(TestModel.Members(first, second));
        for (int i = 0; i < Rows * 12; i++) Assert.Equal(one.PeakQuantile[i], split.PeakQuantile[i], 1e-5f);
        for (int i = 0; i < Rows * 8; i++) Assert.Equal(both.BusyProbability[i], split.BusyProbability[i], 1e-5f);
        Assert.NotEqual(one.BusyProbability[..(Rows * 8)], split.BusyProbability[..(Rows * 8)]);
    }

    private static float[] Quantiles(params float[][] weights) => Run(TestModel.Members(weights)).PeakQuantile[..(Rows * 4 * 3)];

    private static Forecast Run(ServingGraph.Member[] members)
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
