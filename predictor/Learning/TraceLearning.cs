using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;

namespace Pipeline.Predictor.Learning;

/// <summary>Learning on over a trace, a round at the end of each day, beside the model that it began with, which stays as it is. Each day is measured before it is learned from.</summary>
public sealed class TraceLearning(LearningOptions options, TimeProvider time)
{
    private const long DayMs = 86_400_000;

    private const int MeasureEvery = 3;

    /// <summary>One day: both models' losses on it, and what became of the challenger made at its beginning.</summary>
    public sealed record Day(int Number, Duel.Losses Frozen, Duel.Losses Learning, Duel.Verdict? Verdict);

    /// <summary>Goes through the trace.</summary>
    /// <param name="fromDay">The first day that is measured, from 1; the rounds begin at its beginning.</param>
    /// <param name="toDay">The last one.</param>
    /// <returns>The days, and the model that is served after the last.</returns>
    /// <exception cref="UserException">The trace has no such days, or its slots are not the model's steps.</exception>
    public (IReadOnlyList<Day> Days, ModelFile Model) Run(FleetTrace trace, string name, ModelFile model, int fromDay, int toDay, TextWriter log, CancellationToken cancel)
    {
        InputSignature s = model.Card.Signature;
        if (trace.SlotMs != s.StepMs) throw new UserException($"{name} has slots of {trace.SlotMs} ms; the model was trained on steps of {s.StepMs} ms");
        int daySlots = (int)(DayMs / trace.SlotMs), horizon = s.HorizonSteps[^1], last = trace.SlotCount / daySlots;
        if (fromDay > toDay || toDay > last) throw new UserException($"--from-day {fromDay} and --to-day {toDay}: {name} has days 1 to {last}");
        Learner learner = new(options, time);
        int firstSlot = learner.Slots((fromDay - 1) * daySlots - 1, s.StepMs, horizon).DefaultIfEmpty(-1).First();
        if (firstSlot < 0) throw new UserException($"--from-day {fromDay}: there are too few days before it to learn from");
        TraceSnapshots snapshots = learner.Snapshots(trace.Slice(0, toDay * daySlots, [.. Enumerable.Range(0, trace.Vms.Count)]), name, slot => slot >= firstSlot);
        ModelFile serving = model;
        List<Day> days = [];
        log.WriteLine("day  pinball x 100: frozen, learning   Brier x 1000: frozen, learning   challenger of that morning");
        for (int day = fromDay; day <= toDay; day++)
        {
            int begin = (day - 1) * daySlots;
            Learner.Round round = learner.Learn([(snapshots, begin - 1)], serving, Date(trace, begin), cancel);
            if (round.Verdict.IsBetter) serving = round.Challenger;
            TraceSamples samples = new(snapshots, s, new SlotRange(begin, begin + daySlots - 1).Slots(horizon, MeasureEvery), impaired: false);
            Day told = new(day, learner.Losses(model, samples), learner.Losses(serving, samples), round.Verdict);
            days.Add(told);
            log.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{day,3}  {100 * told.Frozen.MeanPinball,23:F4} {100 * told.Learning.MeanPinball,9:F4} {1000 * told.Frozen.MeanBrier,24:F3} {1000 * told.Learning.MeanBrier,9:F3}   {Text(round.Verdict)}"));
        }
        Duel.Losses frozen = Joined(days.Select(d => d.Frozen)), learning = Joined(days.Select(d => d.Learning));
        Duel.Verdict all = Duel.Judge(frozen, learning, s.StepMs * MeasureEvery, options);
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"all  {100 * frozen.MeanPinball,23:F4} {100 * learning.MeanPinball,9:F4} {1000 * frozen.MeanBrier,24:F3} {1000 * learning.MeanBrier,9:F3}   gain {all.Gain:P1}, at least {all.SurelyAtLeast:P1} with {options.Confidence:P0} confidence; {days.Count(d => d.Verdict!.IsBetter)} of {days.Count} took over"));
        return (days, serving);
    }

    private static Duel.Losses Joined(IEnumerable<Duel.Losses> days)
    {
        Duel.Losses[] all = [.. days];
        return new Duel.Losses([.. all.SelectMany(d => d.Pinball)], [.. all.SelectMany(d => d.Brier)]);
    }

    internal static string Text(Duel.Verdict v) =>
        string.Create(CultureInfo.InvariantCulture, $"{(v.IsBetter ? "takes over" : "does not take over")}: gain {v.Gain:P1}, at least {v.SurelyAtLeast:P1}; Brier {v.BrierGain:P1}");

    private static string Date(FleetTrace trace, int slot) => DateTimeOffset.FromUnixTimeMilliseconds(trace.SlotStartUnixMs(slot)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
