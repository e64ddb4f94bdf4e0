using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Explanation;

/// <summary>Explains a forecast out of the topics: from the snapshot that it was made of, and by the model that made it where that is at hand.</summary>
public sealed class TopicExplanation(IPartitionReader reader)
{
    /// <summary>A prediction is written after its snapshot; by the clocks of two machines perhaps a little before it.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    /// <summary>Finds the newest snapshot of a VM up to a time.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public SnapshotSearch Find(string vm, DateTimeOffset at, CancellationToken cancel)
    {
        SnapshotSearch search = new(vm, at.ToUnixTimeMilliseconds());
        foreach (StreamRecord record in TopicContents.Read(reader, Topics.GraphSnapshots.Name, null, cancel)) search.Take(record);
        if (search.Found.Count > 0) return search;
        throw new UserException($"{Topics.GraphSnapshots} has no snapshot with VM '{vm}' that ends at {at:u} or before"
            + (search.Seen.Oldest == 0 ? "; it is empty" : $"; it has steps that end {Time(search.Seen.Oldest)} to {Time(search.Seen.Newest)} (snapshots are kept for {Topics.GraphSnapshots.Retention!.Value.TotalHours} h)"));
    }

    /// <summary>What was published of a snapshot for a VM; null: nothing is there.</summary>
    public PredictionChunk? Published(SnapshotSearch search, string vm, CancellationToken cancel)
    {
        SnapshotView first = search.Found[0];
        PredictionChunk? found = null;
        DateTimeOffset from = DateTimeOffset.FromUnixTimeMilliseconds(search.WrittenUnixMs) - ClockTolerance;
        foreach (StreamRecord record in TopicContents.Read(reader, Topics.VmPredictions.Name, from, cancel))
        {
            if (!record.TryRead(Topics.VmPredictions, DiscardOutput.Instance, out PredictionChunk chunk)) continue;
            if (chunk.Cell == first.Cell && chunk.StepEndUnixMs == first.StepEndUnixMs && chunk.Revision == first.Revision && chunk.Vm.Contains(vm)) found = chunk;
        }
        return found;
    }

    /// <summary>Explains; nothing is read any more.</summary>
    /// <exception cref="UserException">The model cannot be fed with this snapshot.</exception>
    public static Explained Of(IReadOnlyList<SnapshotView> snapshot, PredictionChunk? published, Scorer scorer, string model, string vm)
    {
        InputSignature s = scorer.Signature;
        SnapshotReader rows = new(s);
        if (ColumnMap.TryCreate(s, snapshot[0], out ColumnMap map) is { } reason) throw new UserException($"{model} cannot be fed with this snapshot: {reason}");
        rows.Read(snapshot);
        List<string> names = SnapshotSearch.NamesOf(snapshot);
        int row = names.IndexOf(vm);
        (float[] quantiles, float[] busy, IReadOnlyList<Driver> drivers) = new Explainer(scorer).Explain(rows.Inputs, row, i => names[i], i => rows.Newest[i]);
        SnapshotView part = snapshot.First(c => row < c.FirstRow + c.Count);
        return new Explained
        {
            Cell = part.Cell,
            Vm = vm,
            StepEndUnixMs = part.StepEndUnixMs,
            Model = model,
            Signature = s,
            Window = Window(part, row - (int)part.FirstRow, map.Signals[0], s.WindowSteps),
            PeakQuantile = quantiles,
            Busy = busy,
            Drivers = drivers,
            Notes = [Compare(published, vm, model, quantiles)],
        };
    }

    private static float[] Window(SnapshotView part, int row, int column, int steps)
    {
        int signals = part.Signal.Count, size = (int)part.WindowSteps * signals;
        ReadOnlySpan<ushort> window = part.Window.Slice(row * size, size);
        float[] values = new float[steps];
        for (int t = 0; t < steps; t++) values[t] = (float)BitConverter.UInt16BitsToHalf(window[((int)part.WindowSteps - steps + t) * signals + column]);
        return values;
    }

    private static string Compare(PredictionChunk? published, string vm, string model, float[] quantiles)
    {
        if (published is null) return "no prediction of this snapshot is in the topic";
        if (published.Model != model) return $"the prediction published then was made by {published.Model}, which is neither --model nor on the topic of models; this is what {model} says";
        int width = quantiles.Length;
        double most = published.PeakQuantile.Skip(published.Vm.IndexOf(vm) * width).Take(width).Zip(quantiles, (a, b) => Math.Abs(a - b)).Max();
        return most <= SelfTest.Tolerance ? "the same as was published then" : FormattableString.Invariant($"differs from what was published then by up to {most:F4}");
    }

    private static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("u");
}
