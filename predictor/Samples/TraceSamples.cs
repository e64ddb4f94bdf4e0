using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Training;
using Pipeline.Processors.History;

namespace Pipeline.Predictor.Samples;

/// <summary>
/// Labelled snapshots of a trace. Of a random share of the VMs the newest reports are withheld, so that the network learns
/// what neighbours and memory are worth when a VM falls silent. Of each snapshot a random part of the VMs is forecast, see <see cref="QueryDraw"/>.
/// </summary>
public sealed class TraceSamples : ISampleSet
{
    /// <summary>Longest silence that is trained for: an hour of 5-minute steps.</summary>
    public const int WithheldStepsMax = 12;

    /// <summary>Shares of withheld VMs; every snapshot draws one.</summary>
    private static readonly double[] WithheldShares = [0, 0.3, 0.5, 0.7];

    /// <summary>So often a snapshot has no neighbours, and so often it lacks a signal other than CPU: the network must do without.</summary>
    private const double WithoutNeighbours = 0.05, WithoutSignal = 0.05;

    /// <summary>So often VMs have no sizes: by them it would know each VM again and learn its ways by heart.</summary>
    private const double WithoutSizes = 0.5;

    /// <summary>So much of what is learned of becoming busy is the teacher's belief, the rest what came true.</summary>
    private const float TeacherShare = 0.5f;

    private static readonly string[] Sizes = ["cores", "memory"];

    private readonly TraceSnapshots _trace;
    private readonly TraceTruth _truth;
    private readonly QueryDraw _draw;
    private readonly InputSignature _signature;
    private readonly int[] _slots;
    private readonly int[] _sizes;
    private readonly bool _impaired;
    private readonly TeacherChances? _teacher;

    /// <param name="slots">Slots whose snapshots were made with one draw of withheld steps and whose future may be looked at.</param>
    /// <param name="impaired">Now and then a signal, the sizes or all neighbours are left out: for learning, not for judging.</param>
    /// <param name="without">VMs of which nothing is learned; they are there as neighbours. Null: none.</param>
    /// <param name="teacher">What is taught along with what came true; null: nothing.</param>
    public TraceSamples(TraceSnapshots trace, InputSignature signature, IEnumerable<int> slots, bool impaired, VmFold? without = null, TeacherChances? teacher = null)
    {
        (_trace, _signature, _impaired, _teacher) = (trace, signature, impaired, teacher);
        _truth = new TraceTruth(trace.Utilization, trace.Vms.Count, trace.StepMs, without is null ? null : vm => !without.Holds(trace.Vms[vm]));
        _draw = new QueryDraw(_truth, signature.HorizonSteps[^1], signature.BusyThresholds[^1]);
        _slots = [.. slots];
        _sizes = [.. Sizes.Select(name => signature.Features.ToList().IndexOf(name)).Where(i => i >= 0)];
    }

    public int Count => _slots.Length;

    public void Fill(int snapshot, int seed, TrainingBatch batch)
    {
        Random random = new(seed);
        int slot = _slots[snapshot], vms = _trace.Vms.Count;
        SlotRows rows = _trace.Rows[slot]!;
        WithheldFeatures withheld = rows.Withheld[0];
        double share = WithheldShares[random.Next(WithheldShares.Length)];
        bool alone = _impaired && random.NextDouble() < WithoutNeighbours;
        bool[] keep = [.. Enumerable.Range(0, SignalSet.Count).Select(f => f == SignalSet.Cpu || !_impaired || random.NextDouble() >= WithoutSignal)];
        bool[] silent = [.. Enumerable.Range(0, vms).Select(_ => random.NextDouble() < share)];
        int[] unknown = _impaired && random.NextDouble() < WithoutSizes ? _sizes : [];
        List<(int Vm, float Weight)> queries = _draw.Draw(slot, random);
        (int[] order, int[] rowOf) = Order(queries, rows, alone);
        SampleWriter writer = new(_trace, _signature);
        batch.Reset(order.Length, queries.Count);
        for (int row = 0; row < order.Length; row++)
        {
            int vm = order[row];
            writer.WriteOwn(batch.Inputs, row, slot, vm, silent[vm] ? withheld.Steps[vm] : 0, silent[vm] ? withheld.Features : rows.Features, keep);
            foreach (int feature in unknown) batch.Inputs.Features[row * _signature.Features.Count + feature] = float.NaN;
            if (alone || row >= queries.Count) batch.Inputs.SetNeighbours(row, [], []);
            else writer.WriteNeighbours(batch.Inputs, row, rows, vm, rowOf);
            if (row < queries.Count) Label(batch, row, slot, vm, queries[row].Weight, silent[vm]);
        }
    }

    /// <summary>VMs in the order of the rows: queries, then those of their neighbours that are none.</summary>
    private (int[] Order, int[] RowOf) Order(List<(int Vm, float Weight)> queries, SlotRows rows, bool alone)
    {
        int vms = _trace.Vms.Count, k = rows.Neighbours.Length / vms;
        List<int> order = [.. queries.Select(q => q.Vm)];
        int[] rowOf = new int[vms];
        Array.Fill(rowOf, -1);
        for (int row = 0; row < order.Count; row++) rowOf[order[row]] = row;
        if (alone) return ([.. order], rowOf);
        foreach ((int vm, _) in queries)
        {
            foreach (int other in rows.Neighbours.AsSpan(vm * k, k))
            {
                if (other < 0 || rowOf[other] >= 0) continue;
                rowOf[other] = order.Count;
                order.Add(other);
            }
        }
        return ([.. order], rowOf);
    }

    private void Label(TrainingBatch batch, int row, int slot, int vm, float weight, bool silent)
    {
        (IReadOnlyList<int> horizons, IReadOnlyList<float> thresholds) = (_signature.HorizonSteps, _signature.BusyThresholds);
        ReadOnlySpan<Half> taught = _teacher is null ? [] : _teacher.Of(slot, vm, silent);
        for (int h = 0; h < horizons.Count; h++)
        {
            float peak = _truth.Peak(slot, vm, horizons[h]);
            batch.Target[row * horizons.Count + h] = peak;
            Span<float> reached = batch.Reached.AsSpan((row * horizons.Count + h) * thresholds.Count, thresholds.Count);
            for (int b = 0; b < thresholds.Count; b++) reached[b] = peak >= thresholds[b] ? 1 : 0;
            if (!taught.IsEmpty) reached[^1] += TeacherShare * ((float)taught[h] - reached[^1]);
        }
        batch.RowWeight[row] = weight;
        batch.Now[row] = _truth.Utilization(slot, vm);
    }
}
