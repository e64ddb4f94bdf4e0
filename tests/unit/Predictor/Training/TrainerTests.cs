using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Training;

public sealed class TrainerTests
{
    private static readonly TrainingOptions Options = new()
    {
        Steps = 40,
        BatchSnapshots = 2,
        WarmupSteps = 5,
        ValidateEvery = 10,
        AverageDecay = 0.9f,
        LearningRate = 5e-3f,
        Threads = 1,
    };

    [Fact]
    public void The_validation_loss_falls()
    {
        List<TrainingProgress> progress = [];
        Trainer.Result result = Train(Options with { Steps = 80, ValidateEvery = 20 }, progress.Add);
        Assert.Equal([20, 40, 60, 80], progress.Select(p => p.Step));
        Assert.True(progress[^1].Validation < 0.7 * progress[0].Validation, string.Join(", ", progress.Select(p => p.Validation)));
        Assert.Equal(progress.Min(p => p.Validation), result.ValidationLoss);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_on_any_number_of_threads()
    {
        float[] one = Train(Options).Weights, two = Train(Options with { Threads = 2 }).Weights;
        Assert.Equal(one, two);
        Assert.NotEqual(one, Train(Options with { Seed = 2 }).Weights);
    }

    [Fact]
    public void Training_ends_when_nothing_gets_better()
    {
        Trainer.Result result = Train(Options with { LearningRate = 0f, Patience = 2 });
        Assert.Equal(30, result.Steps);
        Assert.Equal(10, result.BestStep);
    }

    [Fact]
    public void Training_ends_with_the_time()
    {
        FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(10) };
        Trainer.Result result = Train(Options with { TimeLimit = TimeSpan.FromMinutes(2) }, time: time);
        Assert.InRange(result.Steps, 2, 20);
        Assert.True(result.BestStep > 0);
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Train(Options, _ => stop.Cancel(), cancel: stop.Token));
    }

    [Fact]
    public void Features_are_left_out_of_learning_and_not_of_judging()
    {
        List<TrainingProgress> all = Standing(0), few = Standing(.9);
        Assert.Equal(all.Select(p => p.Validation), few.Select(p => p.Validation));
        Assert.NotEqual(all.Select(p => p.Pinball), few.Select(p => p.Pinball));

        // Weights that are not 0 and stay as they are.
        static List<TrainingProgress> Standing(double dropout)
        {
            List<TrainingProgress> progress = [];
            using Trainer trainer = new(TestModel.Options, InputScaling.Identity(TestModel.Options), TestModel.Signature, Options with { LearningRate = 0, FeatureDropout = dropout }, new FakeTimeProvider());
            trainer.BeginWith(TestModel.RandomWeights(1));
            trainer.Train(new Samples(), new Samples(), progress.Add, CancellationToken.None);
            return progress;
        }
    }

    [Fact]
    public void An_interrupted_training_goes_on_as_if_it_had_not_been()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            float[] whole = Train(Options).Weights;
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(() => Train(Options, p => { if (p.Step == 20) stop.Cancel(); }, cancel: stop.Token, checkpoint: file));
            List<int> steps = [];
            Assert.Equal(whole, Train(Options, p => steps.Add(p.Step), checkpoint: file).Weights);
            Assert.Equal([30, 40], steps);
            Assert.Contains("another training", Assert.Throws<UserException>(() => Train(Options with { Seed = 2 }, checkpoint: file)).Message, StringComparison.Ordinal);
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..^10]);
            Assert.Contains("cut short", Assert.Throws<UserException>(() => Train(Options, checkpoint: file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Calibration_brings_the_upper_quantiles_to_their_levels()
    {
        Trainer.Result result = Train(Options with { Steps = 60 });
        InputScaling scaling = InputScaling.Identity(TestModel.Options);
        Calibration none = Calibration.None(TestModel.Options), fitted;
        using (Scorer raw = new(ServingGraph.Build(TestModel.Options, scaling, [result.Weights], none), TestModel.Signature, 1)) fitted = CalibrationFit.Of(raw, new Samples(), 1);
        using Scorer scorer = new(ServingGraph.Build(TestModel.Options, scaling, [result.Weights], fitted), TestModel.Signature, 1);
        TrainingBatch batch = new(TestModel.Signature);
        Forecast forecast = new();
        int covered = 0, all = 0;
        for (int i = 0; i < 40; i++)
        {
            new Samples().Fill(i % 4, 1000 + i, batch);
            scorer.Run(batch.Inputs, forecast);
            for (int row = 0; row < batch.Queries; row++, all++) covered += batch.Target[row * 4 + 3] <= forecast.PeakQuantile[(row * 4 + 3) * 3 + 1] ? 1 : 0;
        }
        Assert.InRange(covered / (double)all, 0.8, 0.97);
    }

    private static Trainer.Result Train(TrainingOptions options, Action<TrainingProgress>? report = null, TimeProvider? time = null, string? checkpoint = null, CancellationToken cancel = default)
    {
        using Trainer trainer = new(TestModel.Options, InputScaling.Identity(TestModel.Options), TestModel.Signature, options, time ?? new FakeTimeProvider());
        return trainer.Train(new Samples(), new Samples(), report ?? (_ => { }), cancel, checkpoint);
    }

    /// <summary>The peak is the newest known value and a bit more with the horizon.</summary>
    private sealed class Samples : ISampleSet
    {
        public int Count => 4;

        public void Fill(int snapshot, int seed, TrainingBatch batch)
        {
            const int Rows = 16;
            Random random = new(snapshot * 1000 + seed % 1000);
            batch.Reset(Rows, Rows);
            ushort[] window = new ushort[36 * 3];
            for (int row = 0; row < Rows; row++)
            {
                for (int i = 0; i < window.Length; i++) window[i] = BitConverter.HalfToUInt16Bits((Half)(random.NextSingle() * 0.5f));
                batch.Inputs.SetWindow(row, window, [0, 1, 2], 3);
                batch.Inputs.SetFeatures(row, [0.5f, 0.1f], [0, 1]);
                batch.Inputs.SetNeighbours(row, [(uint)random.Next(Rows)], [0.5f]);
                float newest = (float)BitConverter.UInt16BitsToHalf(window[35 * 3]);
                for (int h = 0; h < 4; h++) batch.Target[row * 4 + h] = newest + 0.1f * h;
                batch.RowWeight[row] = 1f / Rows;
                batch.Now[row] = newest;
            }
        }
    }
}
