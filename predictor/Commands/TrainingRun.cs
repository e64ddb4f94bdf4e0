using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Baselines;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;
using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Commands;

/// <summary>One training from traces to a model file.</summary>
public sealed record TrainingRun
{
    /// <summary>Every so many slots of the validation range are looked at; coprime with an hour's 12, since jobs start on fixed minutes.</summary>
    private const int ValidateEvery = 5;

    /// <summary>Calibration looks at other slots of the range than validation and evaluation do.</summary>
    private const int CalibrateOffset = 2;

    private const string TeacherRecord = "boosted trees, each part of the slots by those fitted on the others";

    public const int DefaultMembers = 2;

    /// <summary>So often every snapshot is seen where the number of updates is not given.</summary>
    private const double Passes = 11;

    public required IReadOnlyList<TraceSource> Traces { get; init; }

    public required SlotRange? TrainSlots { get; init; }

    public required SlotRange? ValidateSlots { get; init; }

    /// <summary>VMs of which nothing is learned; null: none.</summary>
    public VmFold? WithoutVms { get; init; }

    public required TrainingOptions Options { get; init; }

    /// <summary>Networks that are trained one after the other, with other seeds, and served as one.</summary>
    public int Members { get; init; } = DefaultMembers;

    /// <summary>Updates of each network at most; null: by <see cref="Passes"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>Whether networks are taught what boosted trees expect, along with what came true.</summary>
    public bool Teacher { get; init; } = true;

    public required string Name { get; init; }

    public required string Date { get; init; }

    public required string Command { get; init; }

    /// <summary>Where the state of the training is kept at every validation; training goes on from it where it is there. Null: nowhere.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Trains and tells of it.</summary>
    public ModelFile Run(TextWriter log, TimeProvider time, CancellationToken cancel)
    {
        InputSignature signature = Signature();
        TimeSpan teaching = TimeSpan.Zero;
        bool taught = false;
        List<ISampleSet> train = [], validate = [], calibrate = [];
        List<TraceRange> trainRanges = [], validateRanges = [];
        foreach (TraceSource source in Traces)
        {
            (SlotRange learn, SlotRange? validated) = Ranges(source);
            log.WriteLine($"{source.Name}: {source.Trace.Vms.Count} VMs, {source.Trace.SlotCount} slots; learns from {learn}, validates on {validated?.ToString() ?? "none of them"}");
            TraceSnapshots snapshots = TraceSnapshotBuilder.Build(
                source.Trace, source.Name, s => learn.Holds(s) || (validated is { } v && v.Holds(s) && (s - v.First) % ValidateEvery is 0 or CalibrateOffset), TraceSnapshotBuilder.Random(Options.Seed, TraceSamples.WithheldStepsMax));
            int[] slots = [.. learn.Slots(signature.HorizonSteps[^1], 1)];
            long began = time.GetTimestamp();
            TeacherChances? teacher = Teacher ? Teach(snapshots, signature, slots, log, cancel) : null;
            teaching += time.GetElapsedTime(began);
            taught |= teacher is not null;
            train.Add(new TraceSamples(snapshots, signature, slots, impaired: true, WithoutVms, teacher));
            trainRanges.Add(new TraceRange(source.Name, learn.First, learn.Last));
            if (validated is not { } check) continue;
            validate.Add(new TraceSamples(snapshots, signature, check.Slots(signature.HorizonSteps[^1], ValidateEvery), impaired: false, WithoutVms));
            calibrate.Add(new TraceSamples(snapshots, signature, (check with { First = check.First + CalibrateOffset }).Slots(signature.HorizonSteps[^1], ValidateEvery), impaired: false, WithoutVms));
            validateRanges.Add(new TraceRange(source.Name, check.First, check.Last));
        }
        if (validate.Count == 0) throw new UserException($"--validate-slots {ValidateSlots}: no trace reaches them");
        JoinedSamples samples = new(train);
        NetworkOptions network = Network(signature);
        InputScaling scaling = ScalingMeasure.Of(samples, signature, Options.Seed);
        List<float[]> members = [];
        List<NetworkRecord> records = [];
        for (int i = 0; i < Members; i++)
        {
            TrainingOptions own = Options with
            {
                Seed = Options.Seed + i,
                Steps = Steps ?? (int)Math.Ceiling(Passes * samples.Count / Options.BatchSnapshots),
                // What the teacher left, and half of the time at least.
                TimeLimit = TimeSpan.FromTicks(Math.Max((Options.TimeLimit - teaching).Ticks, Options.TimeLimit.Ticks / 2)) / Members,
            };
            using Trainer trainer = new(network, scaling, signature, own, time);
            log.WriteLine($"network {i + 1} of {Members}: {trainer.WeightCount:N0} weights, {samples.Count:N0} snapshots");
            Trainer.Result result = trainer.Train(samples, new JoinedSamples(validate), p => Report(log, p), cancel, Checkpoint is null ? null : $"{Checkpoint}.{ServingGraph.Prefix(i)}checkpoint");
            members.Add(result.Weights);
            records.Add(trainer.Record(result));
        }
        Calibration calibration = Calibrate(ServingGraph.Build(network, scaling, members), signature, new JoinedSamples(calibrate), log);
        byte[] model = ServingGraph.Build(network, scaling, members, calibration);
        TrainingRecord record = new()
        {
            Data = trainRanges,
            Validation = validateRanges,
            Command = Command,
            Teacher = taught ? TeacherRecord : null,
            Networks = records,
        };
        return new ModelFile(model, Card(model, signature, record, members.Sum(m => m.Length), SelfTest.Of(model, signature, Options.Seed)) with { FeatureBins = Skill.FeatureBinsMeasure.Of(samples, signature, Options.Seed) });
    }

    private TeacherChances? Teach(TraceSnapshots snapshots, InputSignature signature, int[] slots, TextWriter log, CancellationToken cancel)
    {
        EvaluationOptions options = new() { HorizonSteps = signature.HorizonSteps, Levels = signature.Levels, BusyThreshold = signature.BusyThresholds[^1] };
        try
        {
            TreeTeacher trees = new(snapshots, options, WithoutVms is null ? null : vm => !WithoutVms.Holds(snapshots.Vms[vm]), Options.Threads);
            log.WriteLine($"boosted trees judge {slots.Length:N0} snapshots, each part by those fitted on the others");
            return trees.Teach(slots, judged => log.WriteLine($"{judged:N0} judged"), cancel);
        }
        catch (DllNotFoundException e)
        {
            log.WriteLine($"{LightGbmNative.Missing(e)}; the networks learn without a teacher, which costs accuracy");
            return null;
        }
    }

    private Calibration Calibrate(byte[] model, InputSignature signature, JoinedSamples samples, TextWriter log)
    {
        using Scorer scorer = new(model, signature, Options.Threads);
        Calibration calibration = CalibrationFit.Of(scorer, samples, Options.Seed);
        log.WriteLine($"calibrated on {samples.Count:N0} snapshots: logits x {Text(calibration.LogitScale)} + {Text(calibration.LogitShift)}, quantiles x {Text(calibration.RiseScale)}");
        return calibration;

        static string Text(float[] values) => "[" + string.Join(' ', values.Select(v => v.ToString("F2", CultureInfo.InvariantCulture))) + "]";
    }

    private static void Report(TextWriter log, TrainingProgress p) => log.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"step {p.Step}: pinball {100 * p.Pinball:F4}, busy {p.Busy:F5}, validation {p.Validation:F5}{(p.Best ? " (best)" : "")}, {p.Left:hh\\:mm\\:ss} left"));

    /// <summary>What to learn from and to validate on. Of several traces the shorter ones give what they have; one that ends before the validation is only learned from.</summary>
    private (SlotRange Learn, SlotRange? Check) Ranges(TraceSource source)
    {
        int slots = source.Trace.SlotCount;
        SlotRange learn = TrainSlots ?? new SlotRange(0, (ValidateSlots?.First ?? slots * 4 / 5) - 1);
        SlotRange? check = ValidateSlots ?? new SlotRange(learn.Last + 1, slots - 1);
        if (learn.Last >= check.First && check.Last >= learn.First) throw new UserException($"--train-slots {learn} and --validate-slots {check} overlap");
        if (Traces.Count > 1)
        {
            learn = learn with { Last = Math.Min(learn.Last, slots - 1) };
            check = check.First < slots ? check with { Last = Math.Min(check.Last, slots - 1) } : null;
        }
        foreach (SlotRange range in check is { } also ? [learn, also] : new[] { learn })
            if (range.Last >= slots || range.First > range.Last) throw new UserException($"slots {range} of {source.Name}: it has slots 0..{slots - 1}");
        return (learn, check);
    }

    private InputSignature Signature()
    {
        NetworkOptions sizes = new() { Channels = 0, Features = 0 };
        int slotMs = Traces[0].Trace.SlotMs;
        if (Traces.FirstOrDefault(t => t.Trace.SlotMs != slotMs) is { } other)
            throw new UserException($"{other.Name} has slots of {other.Trace.SlotMs} ms, {Traces[0].Name} of {slotMs} ms: one model cannot learn from both");
        return new InputSignature
        {
            StepMs = (uint)slotMs,
            WindowSteps = HistoryOptions.WindowSteps,
            Signals = SignalSet.Names,
            FeatureSet = FeatureSet.Version,
            Features = FeatureSet.Names,
            Neighbours = sizes.Neighbours,
            HorizonSteps = sizes.HorizonSteps,
            Levels = sizes.Levels,
            BusyThresholds = sizes.BusyThresholds,
        };
    }

    internal static NetworkOptions Network(InputSignature signature) => new()
    {
        WindowSteps = signature.WindowSteps,
        Channels = new WindowEncoder(signature.WindowSteps, signature.Signals).Channels,
        Features = signature.Features.Count,
        SpreadFeature = signature.Features.ToList().IndexOf("spread_288"),
        Neighbours = signature.Neighbours,
        HorizonSteps = signature.HorizonSteps,
        Levels = signature.Levels,
        BusyThresholds = signature.BusyThresholds,
    };

    private ModelCard Card(byte[] model, InputSignature signature, TrainingRecord record, int weights, SelfTest test) => new()
    {
        Name = Name,
        Created = Date,
        Sha256 = ModelFile.Checksum(model),
        Opset = GraphBuilder.OpsetVersion,
        Weights = weights,
        Description = "Quantiles of each VM's peak utilisation and probability of becoming busy, from its window, its long memory and its neighbours",
        Signature = signature,
        Training = record,
        SelfTest = test,
    };
}
