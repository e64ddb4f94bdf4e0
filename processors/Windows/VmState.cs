namespace Pipeline.Processors.Windows;

/// <summary>What is remembered of a VM besides its steps. Steps are known by number: step end / step length.</summary>
internal sealed class VmState(string name, int slot)
{
    public string Name { get; } = name;

    /// <summary>Its place in the history and in every <see cref="StepWindow"/>.</summary>
    public int Slot { get; } = slot;

    public float Cores { get; private set; }

    public ulong MemoryBytes { get; private set; }

    /// <summary>Highest sequence number counted.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>The first step that it is a row of.</summary>
    public long Joined { get; private set; } = long.MaxValue;

    /// <summary>The newest step in which anything was heard of it.</summary>
    public long Active { get; private set; } = long.MinValue;

    /// <summary>The newest step up to whose end it has reported.</summary>
    public long Reached { get; set; } = long.MinValue;

    /// <summary>It reported in the newest closed step, so it is expected in the next.</summary>
    public bool Expected { get; set; }

    /// <summary>Late and repeated reports that no step has published yet.</summary>
    public uint Late { get; set; }

    public uint Repeated { get; set; }

    private long _sizedAtMs = long.MinValue;

    /// <summary>Takes the size that a report tells, unless a newer report told it.</summary>
    public void Resize(float cores, ulong memoryBytes, long timeMs)
    {
        if (timeMs < _sizedAtMs) return;
        (Cores, MemoryBytes, _sizedAtMs) = (cores, memoryBytes, timeMs);
    }

    /// <summary>Something was heard of it that belongs to this step.</summary>
    public void Touch(long step)
    {
        Joined = Math.Min(Joined, step);
        Active = Math.Max(Active, step);
    }

    /// <summary>It is a row of this step, though nothing was heard of it.</summary>
    public void Join(long step) => Joined = Math.Min(Joined, step);
}
