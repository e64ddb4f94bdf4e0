namespace Pipeline.Processors.TimeAware;

/// <summary>What is known of a VM: its size, and a forecaster of its CPU share.</summary>
public sealed class VmOutlook(string name, SlotClock clock, ProfileOptions options)
{
    private SlotTally tally;

    public string Name { get; } = name;

    public float Cores { get; private set; }

    public ulong MemoryBytes { get; private set; }

    /// <summary>Its community; 0: none.</summary>
    public uint Community { get; internal set; }

    public Forecaster Cpu { get; } = new(clock, options);

    /// <summary>The last slot in which it reported.</summary>
    public long LastSlot { get; private set; } = long.MinValue;

    /// <summary>Watches whether it leaves its profile.</summary>
    public ChangeDetector Changes { get; } = new(clock);

    internal void Add(in VmSample sample, long slot)
    {
        (Cores, MemoryBytes) = (sample.Cores, sample.MemoryBytes);
        if (float.IsNaN(sample.Cpu)) return;
        LastSlot = slot;
        tally.Add(sample.Cpu);
    }

    /// <summary>A slot is over.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="stepsMin">Measured steps without which it counts as not known.</param>
    internal Change? Close(long slot, int stepsMin)
    {
        SlotTally closed = tally;
        tally = default;
        double distance = closed.Steps >= stepsMin ? Cpu.Observe(slot, closed.Mean) : double.NaN;
        return Changes.Observe(slot, closed.Steps, distance);
    }
}
