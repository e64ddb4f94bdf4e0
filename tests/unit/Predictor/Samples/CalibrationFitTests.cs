using Pipeline.Predictor.Network;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Samples;

public sealed class CalibrationFitTests
{
    private const int Horizons = 4, Thresholds = 2, Rows = 50;

    /// <summary>So many of a hundred VMs become busy, whatever the network says of them.</summary>
    private const int Share = 30;

    [Fact]
    public void Many_vms_that_became_busy_are_believed()
    {
        Calibration fitted = Fit(snapshots: 400);
        using Scorer scorer = new(ServingGraph.Build(TestModel.Options, InputScaling.Identity(TestModel.Options), [TestModel.RandomWeights(1)], fitted), TestModel.Signature, 1);
        TrainingBatch batch = new(TestModel.Signature);
        Forecast forecast = new();
        double sum = 0;
        for (int i = 0; i < 40; i++)
        {
            new Samples(40).Fill(i, i, batch);
            scorer.Run(batch.Inputs, forecast);
            for (int row = 0; row < Rows; row++) sum += forecast.BusyProbability[row * Horizons * Thresholds + 1];
        }
        Assert.InRange(sum / (40 * Rows), Share / 100.0 - .05, Share / 100.0 + .05);
    }

    [Fact]
    public void A_few_that_became_busy_change_little()
    {
        Calibration few = Fit(snapshots: 1), many = Fit(snapshots: 400);
        for (int i = 0; i < Horizons * Thresholds; i++)
        {
            Assert.InRange(few.LogitScale[i], .8f, 1.2f);
            Assert.InRange(few.LogitShift[i], -.3f, .3f);
        }
        Assert.True(Math.Abs(many.LogitScale[1] - 1) > 2 * Math.Abs(few.LogitScale[1] - 1), $"{many.LogitScale[1]} and {few.LogitScale[1]}");
    }

    private static Calibration Fit(int snapshots)
    {
        using Scorer scorer = TestModel.Scorer();
        return CalibrationFit.Of(scorer, new Samples(snapshots), seed: 0);
    }

    private sealed class Samples(int count) : ISampleSet
    {
        public int Count => count;

        public void Fill(int snapshot, int seed, TrainingBatch batch)
        {
            Random random = new(seed + 1);
            batch.Reset(Rows, Rows);
            ushort[] window = new ushort[36 * 3];
            for (int row = 0; row < Rows; row++)
            {
                for (int i = 0; i < window.Length; i++) window[i] = BitConverter.HalfToUInt16Bits((Half)(random.NextSingle() * .5f));
                batch.Inputs.SetWindow(row, window, [0, 1, 2], 3);
                batch.Inputs.SetFeatures(row, [random.NextSingle(), random.NextSingle()], [0, 1]);
                batch.Inputs.SetNeighbours(row, [], []);
                float peak = random.Next(100) < Share ? .9f : .2f;
                Array.Fill(batch.Target, peak, row * Horizons, Horizons);
                batch.RowWeight[row] = 1f / Rows;
                batch.Now[row] = .1f;
            }
        }
    }
}
