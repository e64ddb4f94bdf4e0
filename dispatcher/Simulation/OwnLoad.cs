using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>The real load of each VM of a trace over time, step-wise. Where it was not measured, the value before holds; before the first, 0.</summary>
public sealed class OwnLoad
{
    private readonly FleetTrace trace;
    private readonly float[] utilization;
    private readonly Dictionary<string, int> rows;

    public OwnLoad(FleetTrace trace)
    {
        this.trace = trace;
        int n = trace.Vms.Count;
        utilization = new float[trace.SlotCount * n];
        for (int i = 0; i < utilization.Length; i++)
            utilization[i] = !float.IsNaN(trace.Cpu[i]) ? Math.Clamp(trace.Cpu[i], 0, 1) : i >= n ? utilization[i - n] : 0;
        rows = trace.Vms.Select((name, row) => (name, row)).ToDictionary(v => v.name, v => v.row, StringComparer.Ordinal);
    }

    public int Vms => trace.Vms.Count;

    /// <summary>Row of a VM; -1 when the trace has no such VM.</summary>
    public int Find(string name) => rows.GetValueOrDefault(name, -1);

    public float Cores(int vm) => trace.Cores[vm];

    public long MemoryBytes(int vm) => (long)trace.MemoryBytes[vm];

    /// <summary>Own utilisation of a VM in a slot, 0..1.</summary>
    public double At(int slot, int vm) => utilization[(slot * trace.Vms.Count) + vm];

    /// <summary>The slot of a time; the first slot holds before the trace and the last one after it.</summary>
    public int SlotAt(double unixMs) => trace.SlotAt((long)unixMs);

    /// <summary>When a slot gives way to the next, Unix milliseconds.</summary>
    public double EndOf(int slot) => slot == trace.SlotCount - 1 ? double.PositiveInfinity : trace.SlotStartUnixMs(slot + 1);
}
