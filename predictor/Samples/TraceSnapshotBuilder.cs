using Pipeline.Infra.Traces;
using Pipeline.Processors.History;
using Pipeline.Processors.Offline;
using Pipeline.Processors.Similarity;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;

namespace Pipeline.Predictor.Samples;

/// <summary>Feeds a trace through the processors' history and graph, and keeps the snapshots.</summary>
public sealed class TraceSnapshotBuilder
{
    private readonly TraceCell _cell;
    private readonly SnapshotAssembler _assembler;
    private readonly Snapshot _snapshot = new();
    private readonly bool _agedGraph;
    private NeighbourList _neighbours;
    private NeighbourList _newest;

    private TraceSnapshotBuilder(FleetTrace trace, bool agedGraph)
    {
        _agedGraph = agedGraph;
        _cell = new TraceCell(trace, new StepOptions());
        _assembler = new SnapshotAssembler(_cell.History);
        _neighbours = _newest = _cell.Graph.Neighbours.For(_cell.Names);
    }

    /// <summary>Chooses what is withheld at a slot: several draws, each with the number of withheld steps per VM.</summary>
    public delegate IReadOnlyList<int[]> Withholding(int slot, int vms);

    /// <summary>One random number of steps per VM and slot, 1 to <paramref name="stepsMax"/>.</summary>
    public static Withholding Random(int seed, int stepsMax)
    {
        Random random = new(seed);
        return (_, vms) => [[.. Enumerable.Range(0, vms).Select(_ => random.Next(1, stepsMax + 1))]];
    }

    /// <summary>One of some numbers of steps per VM and slot, at random.</summary>
    public static Withholding OneOf(int seed, IReadOnlyList<int> steps)
    {
        Random random = new(seed);
        return (_, vms) => [[.. Enumerable.Range(0, vms).Select(_ => steps[random.Next(steps.Count)])]];
    }

    /// <summary>The same number of steps for all VMs, once per age.</summary>
    public static Withholding Ages(IEnumerable<int> steps) => (_, vms) => [.. steps.Select(s => Enumerable.Repeat(s, vms).ToArray())];

    /// <summary>Makes the snapshots of the slots that are wanted.</summary>
    /// <param name="name">What the trace is called in cards.</param>
    /// <param name="agedGraph">Neighbours are those of the refresh before the newest, as in the reference measurements; live snapshots have the newest.</param>
    public static TraceSnapshots Build(FleetTrace trace, string name, Func<int, bool> wanted, Withholding withholding, bool agedGraph = false)
    {
        TraceSnapshotBuilder builder = new(trace, agedGraph);
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
            Vms = builder._cell.Names,
            Slots = trace.SlotCount,
            StepMs = (uint)trace.SlotMs,
            StartStep = builder._cell.StepOf(0),
            Signals = signals,
            Utilization = utilization,
            Rows = rows,
        };
    }

    private void Feed(int slot, Span<float> utilization, Span<ushort> signals)
    {
        if (_cell.Feed(slot))
        {
            NeighbourList before = _newest;
            _newest = _cell.Graph.Neighbours.For(_cell.Names);
            _neighbours = _agedGraph ? before : _newest;
        }
        long step = _cell.StepOf(slot);
        for (int row = 0; row < utilization.Length; row++)
        {
            utilization[row] = _cell.History.Cpu(_cell.Slots[row], step, 1)[0];
            ReadOnlySpan<float> newest = _cell.History.Window(_cell.Slots[row], step)[^SignalSet.Count..];
            for (int f = 0; f < newest.Length; f++) signals[row * SignalSet.Count + f] = BitConverter.HalfToUInt16Bits((Half)newest[f]);
        }
    }

    private SlotRows Assemble(int slot, IReadOnlyList<int[]> draws)
    {
        float[] features = Features(slot, []);
        WithheldFeatures[] withheld = [.. draws.Select(steps => new WithheldFeatures(steps, Features(slot, steps)))];
        return new SlotRows(features, withheld, _neighbours.Index, _neighbours.Weight);
    }

    private float[] Features(int slot, int[] withheld)
    {
        _assembler.Assemble(_cell.StepOf(slot), _cell.Slots, [], [], withheld, _snapshot);
        return _snapshot.Features[..(_cell.Slots.Length * FeatureSet.Count)];
    }
}
