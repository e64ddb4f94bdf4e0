using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Training;
using Pipeline.Processors.History;

namespace Pipeline.Predictor.Samples;

/// <summary>
/// Labelled snapshots of a trace. Of a random share of the VMs the newest reports are withheld, so that the network learns
/// what neighbours and memory are worth when a VM falls silent.
/// </summary>
public sealed class TraceSamples : ISampleSet
{
    /// <summary>Shares of withheld VMs; every snapshot draws one.</summary>
    private static readonly double[] WithheldShares = [0, 0.3, 0.5, 0.7];

    /// <summary>So often a snapshot has no neighbours, and so often it lacks a signal other than CPU: the network must do without.</summary>
    private const double WithoutNeighbours = 0.05, WithoutSignal = 0.1;

    private readonly TraceSnapshots _trace;
    private readonly TraceTruth _truth;
    private readonly InputSignature _signature;
    private readonly int[] _slots;

    /// <param name="slots">Slots whose snapshots were made with one draw of withheld steps and whose future may be looked at.</param>
    public TraceSamples(TraceSnapshots trace, InputSignature signature, IEnumerable<int> slots)
    {
        (_trace, _signature) = (trace, signature);
        _truth = new TraceTruth(trace.Utilization, trace.Vms.Count);
        _slots = [.. slots];
    }

    public int Count => _slots.Length;

    public void Fill(int snapshot, int seed, TrainingBatch batch)
    {
        Random random = new(seed);
        int slot = _slots[snapshot], vms = _trace.Vms.Count;
        SlotRows rows = _trace.Rows[slot]!;
        WithheldFeatures withheld = rows.Withheld[0];
        double share = WithheldShares[random.Next(WithheldShares.Length)];
        bool alone = random.NextDouble() < WithoutNeighbours;
        bool[] keep = [.. Enumerable.Range(0, SignalSet.Count).Select(f => f == SignalSet.Cpu || random.NextDouble() >= WithoutSignal)];
        SampleWriter writer = new(_trace, _signature);
        batch.Reset(vms);
        for (int vm = 0; vm < vms; vm++)
        {
            bool silent = random.NextDouble() < share;
            writer.WriteOwn(batch.Inputs, vm, slot, vm, silent ? withheld.Steps[vm] : 0, silent ? withheld.Features : rows.Features, keep);
            if (alone) batch.Inputs.SetNeighbours(vm, [], []);
            else writer.WriteNeighbours(batch.Inputs, vm, rows, vm, 0);
            Label(batch, slot, vm);
        }
    }

    private void Label(TrainingBatch batch, int slot, int vm)
    {
        IReadOnlyList<int> horizons = _signature.HorizonSteps;
        bool known = _truth.Known(slot, vm, horizons[^1]);
        float weight = known ? 1f / _trace.Vms.Count : 0f;
        for (int h = 0; h < horizons.Count; h++) batch.Target[vm * horizons.Count + h] = known ? _truth.Peak(slot, vm, horizons[h]) : 0f;
        batch.RowWeight[vm] = weight;
        IReadOnlyList<float> thresholds = _signature.BusyThresholds;
        for (int b = 0; b < thresholds.Count; b++) batch.OnsetWeight[vm * thresholds.Count + b] = _truth.Utilization(slot, vm) < thresholds[b] ? weight : 0f;
    }
}
