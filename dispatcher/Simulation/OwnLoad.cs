using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>The real load of each VM of a trace over time, step-wise. Where it was not measured, the value before holds; before the first, 0.</summary>
public sealed class OwnLoad
{
    /// <summary>A VM counts as busy with this mean own utilisation,</summary>
    private const double BusyMean = .10;

    /// <summary>or with so many onsets (from below to above 80 %) in three weeks.</summary>
    private const double BusyOnsets = 30, BusyOnsetDays = 21, BusyThreshold = .8;

    private readonly FleetTrace trace;
    private readonly float[] utilization;
    private readonly Dictionary<string, int> rows;
    private readonly Lazy<IReadOnlyList<int>> busy;

    public OwnLoad(FleetTrace trace)
    {
        this.trace = trace;
        int n = trace.Vms.Count;
        utilization = new float[trace.SlotCount * n];
        for (int i = 0; i < utilization.Length; i++)
            utilization[i] = !float.IsNaN(trace.Cpu[i]) ? Math.Clamp(trace.Cpu[i], 0, 1) : i >= n ? utilization[i - n] : 0;
        busy = new Lazy<IReadOnlyList<int>>(FindBusy);
        rows = trace.Vms.Select((name, row) => (name, row)).ToDictionary(v => v.name, v => v.row, StringComparer.Ordinal);
    }

    public int Vms => trace.Vms.Count;

    /// <summary>VMs that are often busy.</summary>
    public IReadOnlyList<int> BusyVms => busy.Value;

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

    private IReadOnlyList<int> FindBusy()
    {
        double wantedOnsets = BusyOnsets * trace.SlotCount * trace.SlotMs / (BusyOnsetDays * 86_400_000);
        return [.. Enumerable.Range(0, Vms).Where(v =>
        {
            double sum = 0;
            int onsets = 0;
            for (int slot = 0; slot < trace.SlotCount; slot++)
            {
                sum += At(slot, v);
                if (slot > 0 && At(slot, v) >= BusyThreshold && At(slot - 1, v) < BusyThreshold) onsets++;
            }
            return sum / trace.SlotCount > BusyMean || onsets >= wantedOnsets;
        })];
    }
}
