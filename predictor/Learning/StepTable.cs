using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Predictor.Learning;

/// <summary>The steps of <c>vm.steps</c> as traces, one for each cell; a later revision of a step replaces the one before.</summary>
public sealed class StepTable
{
    private static readonly Func<Signals, float>[] Metrics =
    [
        s => s.HasCpuUtilization ? s.CpuUtilization : float.NaN, s => s.HasMemoryUtilization ? s.MemoryUtilization : float.NaN,
        s => s.HasDiskRead ? s.DiskRead : float.NaN, s => s.HasDiskWrite ? s.DiskWrite : float.NaN,
        s => s.HasNetworkReceive ? s.NetworkReceive : float.NaN, s => s.HasNetworkTransmit ? s.NetworkTransmit : float.NaN,
    ];

    private readonly SortedDictionary<string, Cell> _cells = new(StringComparer.Ordinal);

    /// <summary>Takes a record; a cell whose steps change their length begins anew.</summary>
    public void Add(StepChunk chunk)
    {
        if (!_cells.TryGetValue(chunk.Cell, out Cell? cell) || cell.StepMs != chunk.StepMs) _cells[chunk.Cell] = cell = new Cell(chunk.StepMs);
        foreach (VmStep step in chunk.Vms)
        {
            if (!cell.Vms.TryGetValue(step.Vm, out Vm? vm)) cell.Vms[step.Vm] = vm = new Vm();
            if (step.Cores > 0) (vm.Cores, vm.MemoryBytes) = (step.Cores, step.MemoryBytes);
            if (step.Reports > 0 && step.Own is { } own) vm.Steps[chunk.StepEndUnixMs] = [.. Metrics.Select(m => m(own))];
            else vm.Steps.Remove(chunk.StepEndUnixMs);
        }
    }

    /// <summary>The cells' traces of steps of one length, at most so many of the newest steps of each.</summary>
    public IEnumerable<(string Cell, FleetTrace Trace)> Traces(uint stepMs, int slotsMax)
    {
        foreach ((string name, Cell cell) in _cells)
        {
            KeyValuePair<string, Vm>[] vms = [.. cell.Vms.Where(v => v.Value.Cores > 0 && v.Value.Steps.Count > 0)];
            if (cell.StepMs != stepMs || vms.Length == 0) continue;
            long last = vms.Max(v => v.Value.Steps.Keys.Max()), first = Math.Max(vms.Min(v => v.Value.Steps.Keys.Min()), last - (slotsMax - 1) * (long)stepMs);
            int slots = (int)((last - first) / stepMs) + 1;
            float[][] tables = [.. Metrics.Select(_ => new float[slots * vms.Length])];
            foreach (float[] table in tables) Array.Fill(table, float.NaN);
            for (int v = 0; v < vms.Length; v++)
            {
                foreach ((long end, float[] values) in vms[v].Value.Steps)
                    for (int m = 0; m < tables.Length && end >= first; m++) tables[m][(int)((end - first) / stepMs) * vms.Length + v] = values[m];
            }
            yield return (name, new FleetTrace
            {
                Vms = [.. vms.Select(v => v.Key)],
                Cores = [.. vms.Select(v => v.Value.Cores)],
                MemoryBytes = [.. vms.Select(v => v.Value.MemoryBytes)],
                StartUnixMs = first - stepMs,
                SlotMs = (int)stepMs,
                SlotCount = slots,
                Cpu = tables[0],
                Memory = tables[1],
                DiskRead = tables[2],
                DiskWrite = tables[3],
                NetworkReceive = tables[4],
                NetworkTransmit = tables[5],
            });
        }
    }

    private sealed class Cell(uint stepMs)
    {
        public uint StepMs { get; } = stepMs;

        public SortedDictionary<string, Vm> Vms { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Vm
    {
        public float Cores { get; set; }

        public ulong MemoryBytes { get; set; }

        /// <summary>By step end.</summary>
        public Dictionary<long, float[]> Steps { get; } = [];
    }
}
