using Pipeline.Infra.Traces;
using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Skill;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Learning;

/// <summary>
/// Lets a model learn on from the newest days. The challenger begins with the served model's weights; which of its states is kept, and its calibration, are chosen
/// on hours that it did not learn from, and whether it takes over on the hours behind those.
/// <code>
///   ├───────────── learns ─────────────┤─ chooses, calibrates ─┤─ decides ─┤ now
/// </code>
/// Between the parts lies the longest horizon, so that no part knows what came in the next.
/// </summary>
public sealed class Learner(LearningOptions options, TimeProvider time)
{
    private const long DayMs = 86_400_000;

    /// <summary>One round.</summary>
    /// <param name="Challenger">The model that was made.</param>
    /// <param name="Verdict">Whether it takes over.</param>
    /// <param name="FromNothing">The served model is of another network: the challenger could not begin with its weights.</param>
    public sealed record Round(ModelFile Challenger, Duel.Verdict Verdict, bool FromNothing);

    /// <summary>The slots of a trace at which snapshots are wanted when the newest known one is <paramref name="now"/>; empty: there are too few.</summary>
    public IEnumerable<int> Slots(int now, uint stepMs, int horizon)
    {
        (int learn, int choose, int decide) = Parts(now, stepMs);
        return learn < 0 || choose - horizon <= learn || decide - choose <= horizon ? [] : Enumerable.Range(learn, now - horizon - learn + 1);
    }

    /// <summary>Makes snapshots of a fleet for <see cref="Learn"/>.</summary>
    public TraceSnapshots Snapshots(FleetTrace trace, string name, Func<int, bool> wanted) => TraceSnapshotBuilder.Build(trace, name, wanted, TraceSnapshotBuilder.Random(options.Seed, TraceSamples.WithheldStepsMax));

    /// <summary>Makes a challenger and holds it against the served model.</summary>
    /// <param name="fleets">Snapshots of each cell, at least at <see cref="Slots"/>, and its newest known slot.</param>
    public Round Learn(IReadOnlyList<(TraceSnapshots Trace, int Now)> fleets, ModelFile served, string date, CancellationToken cancel)
    {
        InputSignature s = served.Card.Signature;
        int horizon = s.HorizonSteps[^1];
        List<ISampleSet> learn = [], choose = [], calibrate = [], decide = [];
        List<TraceRange> learned = [], chosen = [];
        foreach ((TraceSnapshots trace, int now) in fleets)
        {
            (int first, int second, int third) = Parts(now, trace.StepMs);
            learn.Add(new TraceSamples(trace, s, Range(first, second - horizon), impaired: true));
            choose.Add(new TraceSamples(trace, s, Range(second, third - horizon).Where(slot => slot % 2 == 0), impaired: false));
            calibrate.Add(new TraceSamples(trace, s, Range(second, third - horizon).Where(slot => slot % 2 == 1), impaired: false));
            decide.Add(new TraceSamples(trace, s, Range(third, now - horizon + 1), impaired: false));
            learned.Add(new TraceRange(trace.Name, first, second - horizon - 1));
            chosen.Add(new TraceRange(trace.Name, second, third - horizon - 1));
        }
        JoinedSamples samples = new(learn);
        NetworkOptions network = TrainingRun.Network(s);
        InputScaling scaling = ScalingMeasure.Of(samples, s, options.Seed);
        ParameterSet parameters = TrainingGraph.Build(network, scaling, gradients: false).Parameters;
        IReadOnlyList<float[]> begin = ModelWeights.Read(served.Model, parameters);
        List<float[]> members = [];
        List<NetworkRecord> records = [];
        for (int i = 0; i < Math.Max(begin.Count, 1); i++)
        {
            using Trainer trainer = new(network, scaling, s, Training(i), time);
            if (begin.Count > 0) trainer.BeginWith(begin[i]);
            Trainer.Result result = trainer.Train(samples, new JoinedSamples(choose), _ => { }, cancel);
            members.Add(result.Weights);
            records.Add(trainer.Record(result));
        }
        using Scorer raw = new(ServingGraph.Build(network, scaling, members), s, options.Threads);
        byte[] model = ServingGraph.Build(network, scaling, members, CalibrationFit.Of(raw, new JoinedSamples(calibrate), options.Seed));
        TrainingRecord record = new()
        {
            Data = learned,
            Validation = chosen,
            Command = $"predictor learn, on from {served.Card.Id}",
            Networks = records,
        };
        ModelFile challenger = new(model, Card(served.Card, model, members.Sum(m => m.Length), date, record) with { FeatureBins = FeatureBinsMeasure.Of(samples, s, options.Seed) });
        JoinedSamples newest = new(decide);
        return new Round(challenger, Duel.Judge(Losses(served, newest), Losses(challenger, newest), s.StepMs, options), begin.Count == 0);
    }

    /// <summary>Losses of a model on a fleet's slots.</summary>
    public Duel.Losses Losses(ModelFile model, ISampleSet samples)
    {
        using Scorer scorer = new(model.Model, model.Card.Signature, options.Threads);
        return Duel.Measure(scorer, samples, options.Seed);
    }

    /// <summary>First slots of learning, choosing and deciding.</summary>
    private (int Learn, int Choose, int Decide) Parts(int now, uint stepMs)
    {
        int held = (int)(options.HeldOutHours * DayMs / 24 / stepMs), decide = now + 1 - held, choose = decide - held;
        return (Math.Max(choose - (int)(options.Days * DayMs / stepMs), 0), choose, decide);
    }

    private static IEnumerable<int> Range(int first, int end) => Enumerable.Range(first, Math.Max(0, end - first));

    private TrainingOptions Training(int member) => new()
    {
        Seed = options.Seed + member,
        Steps = options.Steps,
        LearningRate = options.LearningRate,
        WarmupSteps = options.Steps / 10,
        ValidateEvery = Math.Max(1, options.Steps / 6),
        Threads = options.Threads,
        TimeLimit = TimeSpan.FromHours(12),
        AverageDecay = .98f,
    };

    private ModelCard Card(ModelCard served, byte[] model, int weights, string date, TrainingRecord record) =>
        served with
        {
            Created = date,
            Sha256 = ModelFile.Checksum(model),
            Opset = GraphBuilder.OpsetVersion,
            Weights = weights,
            Evaluations = [],
            Training = record,
            SelfTest = SelfTest.Of(model, served.Signature, options.Seed),
        };
}
