namespace Pipeline.Infra.Traces;

/// <summary>
/// What a fleet of VMs did, slot by slot. Arrays are [slot, VM] row-major; NaN: missing.
/// Read from a folder of wide CSV files (plain or .gz), one per metric: rows are slots, the first column is <c>unix_time</c>
/// (UTC seconds, slot start), the others are VMs, the same in every file; <c>vms.csv</c> says what each VM is.
/// </summary>
public sealed record FleetTrace
{
    /// <summary>Names of the VMs, in the order of the columns.</summary>
    public required IReadOnlyList<string> Vms { get; init; }

    /// <summary>Provisioned cores of each VM.</summary>
    public required float[] Cores { get; init; }

    /// <summary>Provisioned memory of each VM, bytes.</summary>
    public required ulong[] MemoryBytes { get; init; }

    /// <summary>Start of the first slot, Unix milliseconds.</summary>
    public required long StartUnixMs { get; init; }

    /// <summary>Length of a slot, milliseconds.</summary>
    public required int SlotMs { get; init; }

    public required int SlotCount { get; init; }

    /// <summary>Share of a VM's cores in use, mean over the slot, 0..1 (briefly above).</summary>
    public required float[] Cpu { get; init; }

    /// <summary>Share of a VM's memory in use, 0..1; null where the folder has no such file.</summary>
    public float[]? Memory { get; init; }

    /// <summary>Bytes per second; null where the folder has no such file.</summary>
    public float[]? DiskRead { get; init; }

    public float[]? DiskWrite { get; init; }

    public float[]? NetworkReceive { get; init; }

    public float[]? NetworkTransmit { get; init; }

    /// <summary>Start of a slot, Unix milliseconds.</summary>
    public long SlotStartUnixMs(int slot) => StartUnixMs + ((long)slot * SlotMs);

    /// <summary>The slot that a time falls in, kept within the trace.</summary>
    public int SlotAt(long unixMs) => (int)Math.Clamp((unixMs - StartUnixMs) / SlotMs, 0, SlotCount - 1);

    /// <summary>Own CPU utilisation of a VM in a slot; NaN: missing.</summary>
    public float CpuAt(int slot, int vm) => Cpu[(slot * Vms.Count) + vm];

    /// <summary>A part of the trace: some of its slots, and some of its VMs in the order given.</summary>
    public FleetTrace Slice(int firstSlot, int slots, IReadOnlyList<int> vms)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstSlot);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSlot + slots, SlotCount);
        return new FleetTrace
        {
            Vms = [.. vms.Select(v => Vms[v])],
            Cores = [.. vms.Select(v => Cores[v])],
            MemoryBytes = [.. vms.Select(v => MemoryBytes[v])],
            StartUnixMs = SlotStartUnixMs(firstSlot),
            SlotMs = SlotMs,
            SlotCount = slots,
            Cpu = Cut(Cpu),
            Memory = Memory is null ? null : Cut(Memory),
            DiskRead = DiskRead is null ? null : Cut(DiskRead),
            DiskWrite = DiskWrite is null ? null : Cut(DiskWrite),
            NetworkReceive = NetworkReceive is null ? null : Cut(NetworkReceive),
            NetworkTransmit = NetworkTransmit is null ? null : Cut(NetworkTransmit),
        };

        float[] Cut(float[] whole)
        {
            float[] part = new float[slots * vms.Count];
            for (int slot = 0; slot < slots; slot++)
                for (int v = 0; v < vms.Count; v++)
                    part[(slot * vms.Count) + v] = whole[((firstSlot + slot) * Vms.Count) + vms[v]];
            return part;
        }
    }

    /// <summary>Reads a trace folder.</summary>
    /// <exception cref="CommandLine.UserException">A file is missing or wrong: the message says which, where and what is wanted.</exception>
    public static FleetTrace Load(DirectoryInfo folder) => new FleetTraceReader(folder).Read();
}
