using Microsoft.ML.OnnxRuntime;
using Pipeline.Infra.Randomness;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Training;

/// <summary>
/// Trains a network. The result is a function of samples, options and seed: every snapshot of a batch is computed on one
/// thread, and gradients are added up in the order of the snapshots, however many threads there are.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>Sets the numbers that features are dropped by apart from those that samples are drawn by.</summary>
    private const int DropoutStream = 1;

    private readonly TrainingOptions _options;
    private readonly TimeProvider _time;
    private readonly InputSignature _signature;
    private readonly GradientSession _session;
    private readonly GradientSession _losses;
    private readonly float[] _weights;
    private readonly WeightAverage _average;
    private readonly AdamW _optimizer;
    private readonly Lane[] _lanes;
    private readonly float[] _gradient;

    public Trainer(NetworkOptions network, InputScaling scaling, InputSignature signature, TrainingOptions options, TimeProvider time)
    {
        (_options, _time, _signature) = (options, time, signature);
        TrainingGraph.Result graph = TrainingGraph.Build(network, scaling);
        _session = new GradientSession(graph.Model, graph.Parameters.Parameters, TrainingGraph.Losses);
        _losses = new GradientSession(TrainingGraph.Build(network, scaling, gradients: false).Model, graph.Parameters.Parameters, TrainingGraph.Losses);
        _weights = graph.Parameters.Initialize(new Random(options.Seed));
        _average = new WeightAverage(_weights, options.AverageDecay);
        _optimizer = new AdamW(_weights.Length, options.WeightDecay);
        _gradient = new float[_weights.Length];
        _lanes = [.. Enumerable.Range(0, options.BatchSnapshots).Select(_ => new Lane(new GradientRun(_session, _weights), new TrainingBatch(signature)))];
    }

    private sealed record Lane(GradientRun Run, TrainingBatch Batch);

    /// <summary>Training begins with these weights instead of random ones.</summary>
    public void BeginWith(float[] weights)
    {
        weights.CopyTo(_weights, 0);
        weights.CopyTo(_average.Weights, 0);
    }

    /// <summary>Number of learned weights.</summary>
    public int WeightCount => _weights.Length;

    /// <summary>How a result came to be, for the card.</summary>
    public NetworkRecord Record(Result result) => new()
    {
        Seed = _options.Seed,
        Steps = result.Steps,
        BestStep = result.BestStep,
        ValidationLoss = result.ValidationLoss,
    };

    /// <summary>What training gave.</summary>
    /// <param name="Weights">The averaged weights with the lowest validation loss.</param>
    public sealed record Result(float[] Weights, int Steps, int BestStep, double ValidationLoss);

    /// <param name="report">Called at every validation.</param>
    /// <param name="checkpoint">Where the state is kept at every validation, and where it is taken from; null: nowhere.</param>
    public Result Train(ISampleSet train, ISampleSet validate, Action<TrainingProgress> report, CancellationToken cancel, string? checkpoint = null)
    {
        SampleOrder order = new(train.Count, _options.Seed);
        Checkpoint.Key key = new(_weights.Length, _options.Seed, _options.BatchSnapshots, _options.Steps, train.Count);
        Course course = new() { Best = new Result((float[])_average.Weights.Clone(), 0, 0, double.PositiveInfinity) };
        if (checkpoint is not null && Checkpoint.TryLoad(checkpoint, key, from => Load(from, course)))
            for (int i = 0; i < course.Step * _lanes.Length; i++) order.Next();
        double pinball = 0, busy = 0;
        int since = 0;
        long start = _time.GetTimestamp();
        double progress = Progress(course, start);
        while (progress < 1 && course.Unimproved < _options.Patience)
        {
            cancel.ThrowIfCancellationRequested();
            RunBatch(train, order, course.Step);
            Apply(LearningRate.At(_options, course.Step, progress));
            course.Step++;
            since++;
            pinball += _lanes.Average(l => (double)l.Run.Losses[0]);
            busy += _lanes.Average(l => (double)l.Run.Losses[1]);
            progress = Progress(course, start);
            if (course.Step % _options.ValidateEvery != 0 && progress < 1) continue;

            double loss = Validate(validate);
            bool better = loss < course.Best.ValidationLoss;
            course.Unimproved = better ? 0 : course.Unimproved + 1;
            if (better) course.Best = new Result((float[])_average.Weights.Clone(), course.Step, course.Step, loss);
            report(new TrainingProgress(course.Step, pinball / since, busy / since, loss, better, Left(progress, start)));
            (pinball, busy, since) = (0, 0, 0);
            if (checkpoint is not null) Checkpoint.Save(checkpoint, key, to => Save(to, course, _time.GetElapsedTime(start)));
        }
        return course.Best with { Steps = course.Step };
    }

    /// <summary>How far a training has come.</summary>
    private sealed class Course
    {
        public required Result Best { get; set; }

        public int Step { get; set; }

        /// <summary>Validations in a row that brought nothing better.</summary>
        public int Unimproved { get; set; }

        /// <summary>Time spent before the checkpoint that it went on from.</summary>
        public TimeSpan Before { get; set; }
    }

    private void Save(BinaryWriter to, Course course, TimeSpan elapsed)
    {
        to.Write(course.Step);
        to.Write(course.Unimproved);
        to.Write((course.Before + elapsed).Ticks);
        to.Write(course.Best.BestStep);
        to.Write(course.Best.ValidationLoss);
        Checkpoint.Write(to, course.Best.Weights);
        Checkpoint.Write(to, _weights);
        _average.Save(to);
        _optimizer.Save(to);
    }

    private void Load(BinaryReader from, Course course)
    {
        (course.Step, course.Unimproved, course.Before) = (from.ReadInt32(), from.ReadInt32(), new TimeSpan(from.ReadInt64()));
        course.Best = course.Best with { Steps = course.Step, BestStep = from.ReadInt32(), ValidationLoss = from.ReadDouble() };
        Checkpoint.Read(from, course.Best.Weights);
        Checkpoint.Read(from, _weights);
        _average.Load(from);
        _optimizer.Load(from);
    }

    public void Dispose()
    {
        foreach (Lane lane in _lanes) lane.Run.Dispose();
        _session.Dispose();
        _losses.Dispose();
    }

    private double Progress(Course course, long start) =>
        Math.Max((double)course.Step / _options.Steps, (course.Before + _time.GetElapsedTime(start)) / _options.TimeLimit);

    private TimeSpan Left(double progress, long start) =>
        progress <= 0 ? _options.TimeLimit : _time.GetElapsedTime(start) * Math.Max(0, (1 - progress) / progress);

    private void RunBatch(ISampleSet samples, SampleOrder order, int step)
    {
        int[] chosen = [.. _lanes.Select(_ => order.Next())];
        Parallel.For(0, _lanes.Length, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads }, i =>
            Run(_lanes[i].Run, _lanes[i].Batch, samples, chosen[i], Mix(_options.Seed, step * _lanes.Length + i), _options.FeatureDropout));
    }

    private static void Run(GradientRun run, TrainingBatch batch, ISampleSet samples, int snapshot, int seed, double dropout)
    {
        samples.Fill(snapshot, seed, batch);
        if (dropout > 0) batch.Inputs.DropFeatures(dropout, new Random(Mix(seed, DropoutStream)));
        Dictionary<string, OrtValue> inputs = batch.Bind();
        run.Run(inputs);
        foreach (OrtValue value in inputs.Values) value.Dispose();
    }

    private void Apply(float learningRate)
    {
        double square = 0;
        for (int i = 0; i < _gradient.Length; i++)
        {
            float sum = 0;
            foreach (Lane lane in _lanes) sum += lane.Run.Gradients[i];
            _gradient[i] = sum / _lanes.Length;
            square += (double)_gradient[i] * _gradient[i];
        }
        if (Math.Sqrt(square) is var norm && norm > _options.GradientNormMax)
        {
            float shrink = (float)(_options.GradientNormMax / norm);
            foreach (ref float g in _gradient.AsSpan()) g *= shrink;
        }
        _optimizer.Update(_weights, _gradient, learningRate);
        _average.Add(_weights);
    }

    /// <summary>Mean loss of the averaged weights; what is withheld is drawn alike every time.</summary>
    private double Validate(ISampleSet samples)
    {
        double[] losses = new double[samples.Count];
        Parallel.For(0, Math.Min(_options.Threads, samples.Count), lane =>
        {
            using GradientRun run = new(_losses, _average.Weights);
            TrainingBatch batch = new(_signature);
            for (int i = lane; i < samples.Count; i += _options.Threads)
            {
                Run(run, batch, samples, i, Mix(_options.Seed, i), dropout: 0);
                losses[i] = TrainingGraph.Loss(run.Losses);
            }
        });
        return losses.Average();
    }

    /// <summary>Mixes two numbers, the same in every process.</summary>
    private static int Mix(int a, int b) => (int)SplitMix.Mix(((ulong)(uint)a << 32) | (uint)b);
}
