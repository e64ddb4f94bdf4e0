using Pipeline.Infra.Traces;
using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;
using Pipeline.Processors.Windows;

namespace Pipeline.Processors.Offline;

/// <summary>A trace as one cell: its slots are closed steps, fed to history and graph as the service feeds them.</summary>
public sealed class TraceCell
{
    private readonly FleetTrace trace;
    private readonly int[] columns;
    private readonly int[] slots;
    private readonly long[] lastReported;
    private readonly long firstStep;

    /// <summary>Begins before the first slot.</summary>
    /// <param name="trace">The fleet.</param>
    /// <param name="options">As the service has them; the step is the trace's slot.</param>
    public TraceCell(FleetTrace trace, StepOptions options)
    {
        this.trace = trace;
        Options = options with { Step = TimeSpan.FromMilliseconds(trace.SlotMs) };
        History = new CellHistory(new HistoryOptions { StepMs = trace.SlotMs, Reach = Options.RevisableSteps });
        Graph = new CellGraph(Options);
        // Live snapshots have their VMs in the order of the names.
        columns = [.. Enumerable.Range(0, trace.Vms.Count).OrderBy(v => trace.Vms[v], StringComparer.Ordinal)];
        Names = [.. columns.Select(v => trace.Vms[v])];
        slots = [.. columns.Select(v => History.Add(trace.Cores[v], trace.MemoryBytes[v]))];
        lastReported = new long[slots.Length];
        firstStep = (trace.StartUnixMs / trace.SlotMs) + 1;
    }

    public StepOptions Options { get; }

    public CellHistory History { get; }

    public CellGraph Graph { get; }

    /// <summary>All VMs of the trace in ordinal order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Where each of <see cref="Names"/> stands in the history; another place once a VM has come back.</summary>
    public ReadOnlySpan<int> Slots => slots;

    /// <summary>Number of the step that a slot of the trace is.</summary>
    public long StepOf(int slot) => firstStep + slot;

    /// <summary>Feeds the next slot.</summary>
    /// <returns>Whether the graph has been made anew.</returns>
    public bool Feed(int slot)
    {
        long step = StepOf(slot);
        History.Advance(step);
        for (int row = 0; row < columns.Length; row++)
        {
            int at = (slot * columns.Length) + columns[row];
            StepValues values = new(
                trace.Cpu[at], Value(trace.Memory, at), Value(trace.DiskRead, at), Value(trace.DiskWrite, at),
                Value(trace.NetworkReceive, at), Value(trace.NetworkTransmit, at));
            if (!values.Equals(StepValues.Missing)) Report(row, step, values);
        }
        return Graph.UpdateNeighbours(History, [.. Names.Zip(slots)], step);
    }

    /// <summary>Rows of <see cref="Names"/> that the service would know at a step in which the graph is made anew: those that reported within a day of steps.</summary>
    public int[] Present(long step) => [.. Enumerable.Range(0, slots.Length).Where(row => lastReported[row] > Math.Max(0, step - StepOptions.SilentStepsMax))];

    /// <summary>As the service does: a VM that comes back after it has left is a new one.</summary>
    private void Report(int row, long step, in StepValues values)
    {
        if (lastReported[row] < step - StepOptions.SilentStepsMax)
        {
            History.Remove(slots[row]);
            slots[row] = History.Add(trace.Cores[columns[row]], trace.MemoryBytes[columns[row]]);
        }
        lastReported[row] = step;
        History.Set(slots[row], step, values);
    }

    private static float Value(float[]? metric, int at) => metric is null ? float.NaN : metric[at];
}
