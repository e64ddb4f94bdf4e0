using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Samples;

/// <summary>Writes rows of a trace's snapshots into the network's inputs, as <see cref="SnapshotReader"/> writes those of a live one.</summary>
public sealed class SampleWriter
{
    private const ushort Missing = 0x7E00;

    private readonly TraceSnapshots _trace;
    private readonly ColumnMap _map;
    private readonly ushort[] _window;
    private readonly uint[] _neighbours;
    private readonly int _windowSteps;

    public SampleWriter(TraceSnapshots trace, InputSignature signature)
    {
        _trace = trace;
        if (ColumnMap.TryCreate(signature, [.. SignalSet.Names], [.. FeatureSet.Names], out _map) is { } reason) throw new ArgumentException(reason);
        _windowSteps = signature.WindowSteps;
        _window = new ushort[_windowSteps * SignalSet.Count];
        _neighbours = new uint[signature.Neighbours];
    }

    /// <summary>Writes one VM.</summary>
    /// <param name="row">Where to.</param>
    /// <param name="slot">The snapshot.</param>
    /// <param name="withheld">So many newest steps of the VM's own reports are withheld.</param>
    /// <param name="features">Features of all VMs at this slot and age, [vms, S].</param>
    /// <param name="keep">Says of each signal whether it is kept; empty: all are.</param>
    public void WriteOwn(InputBuffers inputs, int row, int slot, int vm, int withheld, ReadOnlySpan<float> features, ReadOnlySpan<bool> keep = default)
    {
        int vms = _trace.Vms.Count, width = SignalSet.Count;
        for (int t = 0; t < _windowSteps; t++)
        {
            Span<ushort> step = _window.AsSpan(t * width, width);
            int from = slot - _windowSteps + 1 + t;
            if (from < 0 || from > slot - withheld) step.Fill(Missing);
            else _trace.Signals.AsSpan((from * vms + vm) * width, width).CopyTo(step);
            for (int f = 0; f < keep.Length; f++)
                if (!keep[f]) step[f] = Missing;
        }
        inputs.SetWindow(row, _window, _map.Signals, width);
        inputs.SetFeatures(row, features.Slice(vm * FeatureSet.Count, FeatureSet.Count), _map.Features);
    }

    /// <summary>Writes one VM's neighbours.</summary>
    /// <param name="rowOf">Row of each VM; a neighbour that has none (-1) is left out.</param>
    /// <param name="firstRow">Added to each of them.</param>
    public void WriteNeighbours(InputBuffers inputs, int row, SlotRows rows, int vm, ReadOnlySpan<int> rowOf, int firstRow = 0)
    {
        int stride = rows.Neighbours.Length / _trace.Vms.Count, k = Math.Min(stride, _neighbours.Length), from = vm * stride;
        Array.Fill(_neighbours, InputBuffers.NoNeighbour);
        for (int i = 0; i < k; i++)
            if (rows.Neighbours[from + i] is >= 0 and var other && rowOf[other] >= 0) _neighbours[i] = (uint)rowOf[other];
        inputs.SetNeighbours(row, _neighbours.AsSpan(0, k), rows.Weights.AsSpan(from, k), firstRow);
    }

    /// <summary>Inputs of a self-test: the first VMs at one slot, without answers. Neighbours beyond them are left out.</summary>
    public static SelfTest SelfTest(TraceSnapshots trace, InputSignature signature, int slot, int vms)
    {
        SlotRows rows = trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        int width = SignalSet.Count, all = trace.Vms.Count, k = rows.Neighbours.Length / all;
        List<ushort> window = [];
        List<uint> neighbours = [];
        List<float> weights = [];
        for (int vm = 0; vm < vms; vm++)
        {
            for (int s = slot - signature.WindowSteps + 1; s <= slot; s++)
                for (int f = 0; f < width; f++) window.Add(s < 0 ? Missing : trace.Signals[(s * all + vm) * width + f]);
            for (int i = 0; i < signature.Neighbours; i++)
            {
                int other = i < k ? rows.Neighbours[vm * k + i] : -1;
                neighbours.Add(other >= 0 && other < vms ? (uint)other : InputBuffers.NoNeighbour);
                weights.Add(other >= 0 && other < vms ? rows.Weights[vm * k + i] : 0f);
            }
        }
        return new SelfTest
        {
            Window = [.. window],
            Features = [.. rows.Features[..(vms * FeatureSet.Count)].Select(f => float.IsNaN(f) ? (float?)null : f)],
            Neighbours = [.. neighbours],
            Weights = [.. weights],
            PeakQuantile = [],
            BusyProbability = [],
        };
    }
}
