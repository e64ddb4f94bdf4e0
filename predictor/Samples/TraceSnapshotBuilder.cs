using Pipeline.Infra.Traces;
using Pipeline.Processors.History;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;

namespace Pipeline.Predictor.Samples;

/// <summary>Feeds a trace through the processors' history and graph, and keeps the snapshots.</summary>
public sealed class TraceSnapshotBuilder
{
    private static readonly StepOptions Steps = new();

    private readonly FleetTrace _trace;
    private readonly CellHistory _history;
    private readonly CellGraph _graph;
    private readonly SnapshotAssembler _assembler;
    private readonly Snapshot _snapshot = new();
    private readonly int[] _columns;
    private readonly string[] _names;
    private readonly int[] _slots;
    private readonly long[] _lastReported;
    private readonly long _firstStep;
    private NeighbourList _neighbours;

    private TraceSnapshotBuilder(FleetTrace trace)
    {
        _trace = trace;
        _history = new CellHistory(new HistoryOptions { StepMs = trace.SlotMs, Reach = Steps.GraphLagSteps });
        _assembler = new SnapshotAssembler(_history);
        _graph = new CellGraph(Steps with { Step = TimeSpan.FromMilliseconds(trace.SlotMs) });
        // Live snapshots have their VMs in the order of the names.
        _columns = [.. Enumerable.Range(0, trace.Vms.Count).OrderBy(v => trace.Vms[v], StringComparer.Ordinal)];
        _names = [.. _columns.Select(v => trace.Vms[v])];
        _slots = [.. _columns.Select(v => _history.Add(trace.Cores[v], trace.MemoryBytes[v]))];
        _lastReported = new long[_slots.Length];
        _neighbours = _graph.Neighbours.For(_names);
        _firstStep = trace.StartUnixMs / trace.SlotMs + 1;
    }

    /// <summary>Chooses what is withheld at a slot: several draws, each with the number of withheld steps per VM.</summary>
    public delegate IReadOnlyList<int[]> Withholding(int slot, int vms);

    /// <summary>One random number of steps per VM and slot, 1 to <paramref name="stepsMax"/>.</summary>
    public static Withholding Random(int seed, int stepsMax)
    {
        Random random = new(seed);
        return (_, vms) => [[.. Enumerable.Range(0, vms).Select(_ => random.Next(1, stepsMax + 1))]];
    }

    /// <summary>The same number of steps for all VMs, once per age.</summary>
    public static Withholding Ages(IEnumerable<int> steps) => (_, vms) => [.. steps.Select(s => Enumerable.Repeat(s, vms).ToArray())];

    /// <summary>Makes the snapshots of the slots that are wanted.</summary>
    /// <param name="name">What the trace is called in cards.</param>
    public static TraceSnapshots Build(FleetTrace trace, string name, Func<int, bool> wanted, Withholding withholding)
    {
        TraceSnapshotBuilder builder = new(trace);
        int vms = trace.Vms.Count;
        ushort[] signals = new ushort[trace.SlotCount * vms * SignalSet.Count];
        float[] utilization = new float[trace.SlotCount * vms];
        SlotRows?[] rows = new SlotRows?[trace.SlotCount];
        for (int slot = 0; slot < trace.SlotCount; slot++)
        {
            builder.Feed(slot, utilization.AsSpan(slot * vms, vms), signals.AsSpan(slot * vms * SignalSet.Count, vms * SignalSet.Count));
            if (wanted(slot)) rows[slot] = builder.Assemble(slot, withholding(slot, vms));
        }
        return new TraceSnapshots
        {
            Name = name,
            Vms = builder._names,
            Slots = trace.SlotCount,
            StepMs = (uint)trace.SlotMs,
            Signals = signals,
            Utilization = utilization,
            Rows = rows,
        };
    }

    private void Feed(int slot, Span<float> utilization, Span<ushort> signals)
    {
        long step = _firstStep + slot;
        _history.Advance(step);
        for (int row = 0; row < _columns.Length; row++)
        {
            int at = slot * _columns.Length + _columns[row];
            StepValues values = new(
                _trace.Cpu[at], Value(_trace.Memory, at), Value(_trace.DiskRead, at), Value(_trace.DiskWrite, at),
                Value(_trace.NetworkReceive, at), Value(_trace.NetworkTransmit, at));
            if (!values.Equals(StepValues.Missing)) Report(row, step, values);
            utilization[row] = values.Cpu;
            ReadOnlySpan<float> newest = _history.Window(_slots[row], step)[^SignalSet.Count..];
            for (int f = 0; f < newest.Length; f++) signals[row * SignalSet.Count + f] = BitConverter.HalfToUInt16Bits((Half)newest[f]);
        }
        if (_graph.UpdateNeighbours(_history, [.. _names.Zip(_slots)], step)) _neighbours = _graph.Neighbours.For(_names);
    }

    /// <summary>As the live path does: a VM that comes back after it has left is a new one.</summary>
    private void Report(int row, long step, in StepValues values)
    {
        if (_lastReported[row] < step - StepOptions.SilentStepsMax)
        {
            _history.Remove(_slots[row]);
            _slots[row] = _history.Add(_trace.Cores[_columns[row]], _trace.MemoryBytes[_columns[row]]);
        }
        _lastReported[row] = step;
        _history.Set(_slots[row], step, values);
    }

    private SlotRows Assemble(int slot, IReadOnlyList<int[]> draws)
    {
        float[] features = Features(slot, []);
        WithheldFeatures[] withheld = [.. draws.Select(steps => new WithheldFeatures(steps, Features(slot, steps)))];
        return new SlotRows(features, withheld, _neighbours.Index, _neighbours.Weight);
    }

    private float[] Features(int slot, int[] withheld)
    {
        _assembler.Assemble(_firstStep + slot, _slots, [], [], withheld, _snapshot);
        return _snapshot.Features[..(_slots.Length * FeatureSet.Count)];
    }

    private static float Value(float[]? metric, int at) => metric is null ? float.NaN : metric[at];
}
