using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Commands;

/// <summary>One evaluation of a model and baselines on a trace.</summary>
public sealed record EvaluationRun
{
    public required TraceSource Source { get; init; }

    /// <summary>Null: the last fifth.</summary>
    public required SlotRange? Slots { get; init; }

    public required string ModelPath { get; init; }

    public required IReadOnlyList<string> Baselines { get; init; }

    public required int Every { get; init; }

    /// <summary>One of the model's; null: its highest.</summary>
    public required float? BusyThreshold { get; init; }

    public required int Threads { get; init; }

    /// <summary>Measures and prints a table.</summary>
    public EvaluationRecord Run(TextWriter log, CancellationToken cancel)
    {
        (Scorer scorer, ModelCard card) = ModelFile.Open(ModelPath, Threads);
        using Scorer disposed = scorer;
        InputSignature s = scorer.Signature;
        int count = Source.Trace.SlotCount;
        SlotRange range = Slots ?? new SlotRange(count * 4 / 5, count - 1);
        if (range.Last >= count) throw new UserException($"--slots {range} of {Source.Name}: it has slots 0..{count - 1}");
        EvaluationOptions options = new() { HorizonSteps = s.HorizonSteps, Levels = s.Levels, BusyThreshold = BusyThreshold ?? s.BusyThresholds[^1] };
        HashSet<int> evaluated = [.. range.Slots(s.HorizonSteps[^1], Every)];
        int[] slots = [.. evaluated.Order()], fit = [.. new SlotRange(0, Math.Max(range.First - 1, 0)).Slots(s.HorizonSteps[^1], Every)];
        TraceSnapshots trace = TraceSnapshotBuilder.Build(Source.Trace, Source.Name, evaluated.Contains, TraceSnapshotBuilder.Ages(options.StaleSteps.Where(a => a > 0)));
        TraceTruth truth = new(trace.Utilization, trace.Vms.Count);
        Evaluator evaluator = new(truth, options, fit);
        List<IForecaster> methods = [new NetworkForecaster(scorer, trace, options.BusyThreshold)];
        foreach (SimpleForecaster simple in Baselines.Select(b => SimpleForecaster.Create(b, truth)))
            methods.AddRange([simple, MarginForecaster.Fit(simple, truth, options, fit)]);

        log.WriteLine($"{card.Id} on {Source.Name}, {slots.Length} slots of {range}, {trace.Vms.Count} VMs, busy from {options.BusyThreshold.ToString(CultureInfo.InvariantCulture)}");
        log.WriteLine("method                      horizon stale   cases   base    AUROC   AP      Brier skill  ECE     pinball  coverage");
        List<EvaluationResult> results = [];
        foreach (IForecaster method in methods)
        {
            foreach (EvaluationResult result in evaluator.Evaluate(method, slots))
            {
                cancel.ThrowIfCancellationRequested();
                results.Add(result);
                Print(log, result);
            }
        }
        return new EvaluationRecord { Data = new TraceRange(Source.Name, range.First, range.Last), Every = Every, BusyThreshold = options.BusyThreshold, Results = results };
    }

    private static void Print(TextWriter log, EvaluationResult r) => log.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{r.Method,-27} {r.HorizonSteps,7} {r.StaleSteps,5} {r.Cases,7} {r.BaseRate,8:F5} {r.Auroc,7:F4} {r.AveragePrecision,7:F4} {r.BrierSkill,11:F4} {r.Ece,8:F5} {r.MeanPinball,8:F4}  {string.Join(' ', r.Coverage.Select(c => $"{c.Key}:{c.Value:F3}"))}"));
}
