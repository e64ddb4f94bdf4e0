namespace Pipeline.Processors.TimeAware;

/// <summary>What is known of VMs as one: a community, a cell, the fleet. Shares are of what the VMs that report have; room is that share of what all present have.</summary>
public sealed class GroupOutlook
{
    private SlotTally cpu;
    private SlotTally memory;

    public GroupOutlook(string name, SlotClock clock, ProfileOptions options)
    {
        Name = name;
        (Cpu, Memory) = (new Outlook(clock, options), new Outlook(clock, options));
        Steps = new StepOutlook(Cpu.Forecaster);
        Changes = new ChangeDetector(clock);
    }

    /// <summary>fleet, cell-0, or cell-0/7 for a community.</summary>
    public string Name { get; }

    /// <summary>VMs that reported in the last two slots.</summary>
    public int Vms { get; private set; }

    /// <summary>Their cores.</summary>
    public double Cores { get; private set; }

    /// <summary>Their memory, bytes.</summary>
    public double MemoryBytes { get; private set; }

    public Outlook Cpu { get; }

    /// <summary>CPU over the next hour, step by step.</summary>
    public StepOutlook Steps { get; }

    public Outlook Memory { get; }

    public ChangeDetector Changes { get; }

    /// <summary>Means of the last slot that is over.</summary>
    internal (SlotTally Cpu, SlotTally Memory) Closed { get; private set; }

    internal void Resize(int vms, double cores, double memoryBytes) => (Vms, Cores, MemoryBytes) = (vms, cores, memoryBytes);

    /// <summary>Takes a step's sums over the VMs that measured it; a step in which less than half of the group reported says little.</summary>
    internal void Add(in GroupStep step, long number, long slot)
    {
        double share = step.CpuCores > 0 && step.CpuCores >= Cores / 2 ? step.UsedCores / step.CpuCores : double.NaN;
        cpu.Add(share);
        Steps.Observe(number, slot, share);
        if (step.MemoryBytes > 0 && step.MemoryBytes >= MemoryBytes / 2) memory.Add(step.UsedBytes / step.MemoryBytes);
    }

    internal Change? Close(long slot, int stepsMin, double said = double.NaN)
    {
        Closed = (cpu, memory);
        (cpu, memory) = (default, default);
        (SlotTally c, SlotTally m) = Closed;
        double distance = c.Steps >= stepsMin ? Cpu.Observe(slot, c.Mean, c.Peak, said) : Cpu.Observe(slot, double.NaN, double.NaN, said);
        if (m.Steps >= stepsMin) Memory.Observe(slot, m.Mean, m.Peak);
        else Memory.Observe(slot, double.NaN, double.NaN);
        return Changes.Observe(slot, c.Steps, distance);
    }
}

/// <summary>Sums over the VMs of a group in one step: what they use, and what those have that measured it.</summary>
internal record struct GroupStep
{
    public double UsedCores;
    public double CpuCores;
    public double UsedBytes;
    public double MemoryBytes;

    public void Add(in VmSample sample)
    {
        if (!float.IsNaN(sample.Cpu)) (UsedCores, CpuCores) = (UsedCores + (sample.Cores * Math.Clamp(sample.Cpu, 0, 1)), CpuCores + sample.Cores);
        if (!float.IsNaN(sample.Memory)) (UsedBytes, MemoryBytes) = (UsedBytes + (sample.MemoryBytes * (double)Math.Clamp(sample.Memory, 0, 1)), MemoryBytes + sample.MemoryBytes);
    }

    public void Add(in GroupStep other)
    {
        (UsedCores, CpuCores) = (UsedCores + other.UsedCores, CpuCores + other.CpuCores);
        (UsedBytes, MemoryBytes) = (UsedBytes + other.UsedBytes, MemoryBytes + other.MemoryBytes);
    }
}
