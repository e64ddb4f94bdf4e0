using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Baselines;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Commands;

/// <summary>One evaluation of a model and baselines on a trace.</summary>
public sealed record EvaluationRun
{
    /// <summary>Ages of own reports, in steps, that learning baselines are fitted on, and the seed by which they are dealt out.</summary>
    private static readonly int[] FittedAges = [1, 3, 6, 12];

    private const int FitSeed = 1, Examples = 4;

    public required TraceSource Source { get; init; }

    /// <summary>Null: the last fifth.</summary>
    public required SlotRange? Slots { get; init; }

    /// <summary>VMs that alone are measured; null: all.</summary>
    public VmFold? OnlyVms { get; init; }

    public required string ModelPath { get; init; }

    public required IReadOnlyList<string> Baselines { get; init; }

    public required int Every { get; init; }

    /// <summary>One of the model's; null: its highest.</summary>
    public required float? BusyThreshold { get; init; }

    public required int Threads { get; init; }

    /// <summary>Measures and prints a table.</summary>
    public (EvaluationRecord Record, EvaluationReport Report) Run(TextWriter log, CancellationToken cancel)
    {
        (Scorer scorer, ModelCard card) = ModelFile.Open(ModelPath, Threads);
        using Scorer disposed = scorer;
        InputSignature s = scorer.Signature;
        SlotRange range = Range();
        if (OnlyVms is not null && Baselines.FirstOrDefault(BaselineNames.Fitted.Contains) is { } fitted)
            throw new UserException($"--only-vms {OnlyVms}: {fitted} would be fitted on the VMs that it is measured on; leave it out of --baselines");
        EvaluationOptions options = new() { HorizonSteps = s.HorizonSteps, Levels = s.Levels, BusyThreshold = BusyThreshold ?? s.BusyThresholds[^1] };
        int horizon = s.HorizonSteps[^1];
        HashSet<int> evaluated = [.. range.Slots(horizon, Every, Source.Trace.SlotCount - 1)];
        int[] slots = [.. evaluated.Order()], learned = [.. new SlotRange(0, Math.Max(range.First - 1, 0)).Slots(horizon, 1)];
        int[] fit = [.. learned.Where(slot => slot % Every == 0)];
        HashSet<int> made = Baselines.Any(BaselineNames.Fitted.Contains) ? [.. evaluated, .. learned] : evaluated;
        TraceSnapshotBuilder.Withholding ages = TraceSnapshotBuilder.Ages(options.StaleSteps.Where(a => a > 0)), random = TraceSnapshotBuilder.OneOf(FitSeed, FittedAges);
        TraceSnapshots trace = TraceSnapshotBuilder.Build(Source.Trace, Source.Name, made.Contains, (slot, vms) => (evaluated.Contains(slot) ? ages : random)(slot, vms), agedGraph: true);
        TraceTruth truth = new(trace.Utilization, trace.Vms.Count, trace.StepMs, OnlyVms is null ? null : vm => OnlyVms.Holds(trace.Vms[vm]));
        Evaluator evaluator = new(truth, options, fit);
        NetworkForecaster network = new(scorer, trace, options.BusyThreshold);

        string title = $"{card.Id} on {Source.Name}, {slots.Length} slots of {range}, {(OnlyVms is null ? "" : OnlyVms + " of ")}{trace.Vms.Count} VMs, busy from {options.BusyThreshold.ToString(CultureInfo.InvariantCulture)}";
        log.WriteLine(title);
        log.WriteLine("method                      horizon stale   cases   base    AUROC   AP      Brier skill  ECE     pinball  coverage");
        List<EvaluationResult> results = [];
        foreach (IForecaster method in Methods(scorer, network, trace, truth, options, fit, learned, log, cancel))
        {
            foreach (EvaluationResult result in evaluator.Evaluate(method, slots))
            {
                cancel.ThrowIfCancellationRequested();
                results.Add(result);
                Print(log, result);
            }
            (method as IDisposable)?.Dispose();
        }
        int shown = Math.Min(2, options.HorizonSteps.Count - 1);
        EvaluationRecord record = new() { Data = new TraceRange(Source.Name, range.First, range.Last), Every = Every, BusyThreshold = options.BusyThreshold, Results = results };
        EvaluationReport report = new(
            title, results, evaluator.Curves, EvaluationExample.Of(network, truth, options, slots, trace.Vms, shown, Examples),
            trace.StepMs / 60_000.0, slot => DateTimeOffset.FromUnixTimeMilliseconds(Source.Trace.SlotStartUnixMs(slot)).UtcDateTime);
        return (record, report);
    }

    private SlotRange Range()
    {
        int count = Source.Trace.SlotCount;
        SlotRange range = Slots ?? new SlotRange(count * 4 / 5, count - 1);
        return range.Last < count ? range : throw new UserException($"--slots {range} of {Source.Name}: it has slots 0..{count - 1}");
    }

    /// <summary>The model, then the baselines, each made when its turn comes: trees need memory.</summary>
    private IEnumerable<IForecaster> Methods(
        Scorer scorer, NetworkForecaster network, TraceSnapshots trace, TraceTruth truth, EvaluationOptions options, int[] fit, int[] learned, TextWriter log, CancellationToken cancel)
    {
        yield return network;
        PeerFeatures features = new(trace, truth);
        Lazy<FittingRows> rows = new(() => FittingRows.Draw(features, trace, truth, options, learned, FitSeed));
        foreach (string name in Baselines)
        {
            if (SimpleForecaster.Names.Contains(name))
            {
                SimpleForecaster simple = SimpleForecaster.Create(name, truth, options.HorizonSteps);
                yield return simple;
                if (fit.Length > 0) yield return MarginForecaster.Fit(simple, truth, options, fit);
                continue;
            }
            if (BaselineNames.Fitted.Contains(name) && rows.Value.Count == 0) throw new UserException($"--slots begin at {Slots?.First}: there is nothing before them that {name} could be fitted on");
            IForecaster? method = name switch
            {
                BaselineNames.NoEdges => new NetworkForecaster(scorer, trace, options.BusyThreshold, EdgeUse.None),
                BaselineNames.ShuffledEdges => new NetworkForecaster(scorer, trace, options.BusyThreshold, EdgeUse.Shuffled),
                BaselineNames.Logistic => LogisticForecaster.Fit(rows.Value, trace, features, options),
                _ => Trees(name, rows.Value, trace, features, options, log, cancel),
            };
            if (method is not null) yield return method;
        }
    }

    private TreeForecaster? Trees(string name, FittingRows rows, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options, TextWriter log, CancellationToken cancel)
    {
        try
        {
            return TreeForecaster.Fit(name, name == BaselineNames.TreesNeighbours, rows, trace, features, options, Threads, cancel);
        }
        catch (DllNotFoundException e)
        {
            log.WriteLine($"{name} is left out: {LightGbmNative.Missing(e)}");
            return null;
        }
    }

    private static void Print(TextWriter log, EvaluationResult r) => log.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{r.Method,-27} {r.HorizonSteps,7} {r.StaleSteps,5} {r.Cases,7} {r.BaseRate,8:F5} {r.Auroc,7:F4} {r.AveragePrecision,7:F4} {r.BrierSkill,11:F4} {r.Ece,8:F5} {r.MeanPinball,8:F4}  {string.Join(' ', r.Coverage.Select(c => $"{c.Key}:{c.Value:F3}"))}"));
}
