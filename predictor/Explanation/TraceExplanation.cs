using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Traces;
using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Explanation;

/// <summary>Explains a forecast of a trace: history, graph and snapshot are made anew up to that time.</summary>
public static class TraceExplanation
{
    /// <param name="name">What the trace is called.</param>
    /// <param name="at">The newest slot that ends then or before is looked at.</param>
    /// <exception cref="UserException">The trace has no such VM or time.</exception>
    public static Explained Of(FleetTrace trace, string name, Scorer scorer, string model, string vm, DateTimeOffset at)
    {
        InputSignature s = scorer.Signature;
        if (trace.SlotMs != s.StepMs) throw new UserException($"{name} has slots of {trace.SlotMs} ms; the model was trained on steps of {s.StepMs} ms");
        long slot = (at.ToUnixTimeMilliseconds() - trace.StartUnixMs) / trace.SlotMs - 1;
        if (slot < 0 || slot >= trace.SlotCount)
            throw new UserException($"--at {at:u} is not within {name}: its slots end {Time(trace.SlotStartUnixMs(1))} to {Time(trace.SlotStartUnixMs(trace.SlotCount))}");
        int now = (int)slot, slots = Math.Min(now + 1 + s.HorizonSteps[^1], trace.SlotCount);
        FleetTrace seen = trace.Slice(0, slots, [.. Enumerable.Range(0, trace.Vms.Count)]);
        TraceSnapshots snapshots = TraceSnapshotBuilder.Build(seen, name, i => i == now, TraceSnapshotBuilder.Ages([]));
        int row = snapshots.Vms.ToList().IndexOf(vm);
        if (row < 0) throw new UserException($"{name} has no VM '{vm}'; it has {snapshots.Vms.Count}, the first is '{snapshots.Vms[0]}'");

        InputBuffers inputs = Inputs(snapshots, s, now);
        TraceTruth truth = new(snapshots.Utilization, snapshots.Vms.Count, snapshots.StepMs);
        (float[] quantiles, float[] busy, IReadOnlyList<Driver> drivers) = new Explainer(scorer).Explain(inputs, row, i => snapshots.Vms[i], i => Newest(snapshots, now, i, s.WindowSteps));
        return new Explained
        {
            Cell = name,
            Vm = vm,
            StepEndUnixMs = trace.SlotStartUnixMs(now + 1),
            Model = model,
            Signature = s,
            Window = [.. Enumerable.Range(now - s.WindowSteps + 1, s.WindowSteps).Select(i => i < 0 ? float.NaN : snapshots.Utilization[i * snapshots.Vms.Count + row])],
            PeakQuantile = quantiles,
            Busy = busy,
            Drivers = drivers,
            Peak = truth.Known(now, row, s.HorizonSteps[^1]) ? [.. s.HorizonSteps.Select(steps => truth.Peak(now, row, steps))] : null,
        };

        static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("u");
    }

    private static InputBuffers Inputs(TraceSnapshots snapshots, InputSignature signature, int slot)
    {
        int vms = snapshots.Vms.Count;
        int[] rowOf = [.. Enumerable.Range(0, vms)];
        SlotRows rows = snapshots.Rows[slot]!;
        SampleWriter writer = new(snapshots, signature);
        InputBuffers inputs = new(signature);
        inputs.Reset(vms);
        for (int vm = 0; vm < vms; vm++)
        {
            writer.WriteOwn(inputs, vm, slot, vm, 0, rows.Features);
            writer.WriteNeighbours(inputs, vm, rows, vm, rowOf);
        }
        return inputs;
    }

    private static float Newest(TraceSnapshots snapshots, int slot, int vm, int steps)
    {
        for (int i = slot; i >= 0 && i > slot - steps; i--)
            if (snapshots.Utilization[i * snapshots.Vms.Count + vm] is var u && !float.IsNaN(u)) return u;
        return float.NaN;
    }
}
