using System.Globalization;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;
using Pipeline.Processors.TimeAware;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.ShortTerm;

/// <summary>
/// Feeds a trace to two outlooks of its cell and communities, one of which hears the predictor as the service does: the prediction of the step
/// before an hour's last is there when the hour ends. Forecasts of the next hour are judged by what came.
/// </summary>
internal sealed class ShortTermRun(DirectoryInfo folder, FileInfo model, int days, string zone)
{
    /// <summary>The predictor is heard for so many days before, in which it is learnt what its word is worth.</summary>
    private const int HeardDays = 2;

    private const uint HourS = 3600;

    public void Run(TextWriter output, CancellationToken cancel)
    {
        FleetTrace trace = FleetTrace.Load(folder);
        TraceFeed feed = new(trace);
        int hour = (int)(HourS * 1000 / trace.SlotMs), first = trace.SlotCount - (days * feed.StepsPerDay), heard = first - (HeardDays * feed.StepsPerDay);
        if (heard <= feed.StepsPerDay) throw new UserException($"the trace has {trace.SlotCount / feed.StepsPerDay} days: more than {days + HeardDays + 1} are wanted, or less --days");
        SlotClock clock = new(60, zone);
        bool Asked(int slot) => slot >= heard && feed.EndUnixMs(slot + 1) % (HourS * 1000) == 0;
        (Scorer scorer, _) = ModelFile.Open(model.FullName, threads: 1);
        using Scorer disposed = scorer;
        TraceSnapshots snapshots = TraceSnapshotBuilder.Build(trace, folder.Name, Asked, (_, _) => [], agedGraph: false);
        NetworkForecaster network = new(scorer, snapshots, scorer.Signature.BusyThresholds[^1]);

        IReadOnlyList<(string, uint)> members = feed.CommunitiesBefore(first, cancel);
        CellOutlook alone = new(TraceFeed.Cell, clock, ProfileOptions.Default), listening = new(TraceFeed.Cell, clock, ProfileOptions.Default);
        alone.SetCommunities(members);
        listening.SetCommunities(members);
        PredictionIntake predictions = listening.Predictions = new PredictionIntake(HourS);
        Tally[] tallies = [new("alone"), new("with the predictor")];
        for (int slot = 0; slot < trace.SlotCount; slot++)
        {
            cancel.ThrowIfCancellationRequested();
            VmSample[] samples = feed.At(slot);
            CellOutlook[] cells = [alone, listening];
            for (int i = 0; i < cells.Length; i++)
            {
                if (!cells[i].Feed(feed.EndUnixMs(slot), samples)) continue;
                foreach (GroupOutlook group in cells[i].Communities.Values.Prepend(cells[i].Whole)) tallies[i].Next(group, group == cells[i].Whole, slot >= first + hour);
            }
            if (Asked(slot) && slot < trace.SlotCount - 1) predictions.Take(Predict(network, scorer.Signature, trace, slot, feed.EndUnixMs(slot)));
        }
        output.WriteLine("| forecast of the next hour | mean error, points | of the cell | width of the 95 % interval | within 80 % | within 95 % | predictor counts in |");
        output.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (Tally tally in tallies) output.WriteLine(tally.ToString());
    }

    private static PredictionChunk Predict(NetworkForecaster network, InputSignature signature, FleetTrace trace, int slot, long endUnixMs)
    {
        int vms = trace.Vms.Count, horizons = signature.HorizonSteps.Count, levels = signature.Levels.Count;
        float[] quantiles = new float[vms * horizons * levels], busy = new float[vms * horizons];
        network.Forecast(slot, 0, quantiles, busy);
        PredictionChunk chunk = new() { Cell = TraceFeed.Cell, StepEndUnixMs = endUnixMs, StepMs = (uint)trace.SlotMs, Chunks = 1 };
        chunk.HorizonS.AddRange(signature.HorizonSteps.Select(h => (uint)(h * trace.SlotMs / 1000)));
        chunk.Level.AddRange(signature.Levels);
        chunk.Vm.AddRange(trace.Vms);
        chunk.PeakQuantile.AddRange(quantiles);
        return chunk;
    }

    private sealed class Tally(string name)
    {
        private readonly Dictionary<string, SlotForecast> open = [];
        private int n, cells, in80, in95, counts;
        private double error, cellError, width;

        /// <summary>A group's hour is over: judges its forecast, and keeps the next one.</summary>
        public void Next(GroupOutlook group, bool whole, bool judged)
        {
            double came = group.Closed.Cpu.Mean;
            if (judged && open.TryGetValue(group.Name, out SlotForecast f) && !double.IsNaN(came) && !double.IsNaN(f.Low80))
            {
                n++;
                error += Math.Abs(came - f.Share);
                if (whole) (cells, cellError) = (cells + 1, cellError + Math.Abs(came - f.Share));
                width += f.High95 - f.Low95;
                if (came >= f.Low80 - 1e-6 && came <= f.High80 + 1e-6) in80++;
                if (came >= f.Low95 - 1e-6 && came <= f.High95 + 1e-6) in95++;
                if (group.Cpu.ListensToPredictor) counts++;
            }
            open[group.Name] = group.Cpu.At(1);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {100 * error / n:0.00} | {100 * cellError / cells:0.00} | {100 * width / n:0.0} | {100.0 * in80 / n:0.0} % | {100.0 * in95 / n:0.0} % | {100.0 * counts / n:0} % of {n} |");
    }
}
