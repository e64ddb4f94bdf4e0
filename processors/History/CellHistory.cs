namespace Pipeline.Processors.History;

/// <summary>
/// Down-sampled past of a cell's VMs: all signals for windows, CPU alone for long memory. A step is known by its number,
/// step end / step length since the Unix epoch. What was never set is NaN.
/// </summary>
/// <remarks>
/// Each VM has two flat arrays, steps in order, oldest first. Both are longer than needed: when
/// the end is reached all rows move to the front at once, so that any past is one contiguous span.
/// <code>
///   CPU      │ forgotten │ MemorySteps + Reach                     newest │ free │
///   signals  │ forgotten │ (WindowSteps + Reach) x F               newest │ free │
/// </code>
/// </remarks>
public sealed class CellHistory
{
    /// <summary>Free steps at the end of the rows: moving 10,000 of them takes milliseconds, so once in so many steps is nothing, and 1 KiB per VM is little.</summary>
    private const int CpuSlack = 256, SignalSlack = 48;

    private readonly int _cpuSteps;
    private readonly int _signalSteps;
    private readonly List<Row> _rows = [];
    private readonly Stack<int> _free = new();
    private readonly List<(int Slot, long At, Row Row)> _forgotten = [];
    private long _cpuOrigin;
    private long _signalOrigin;

    public CellHistory(HistoryOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.StepMs);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Reach);
        Options = options;
        _cpuSteps = HistoryOptions.MemorySteps + options.Reach;
        _signalSteps = HistoryOptions.WindowSteps + options.Reach;
    }

    public HistoryOptions Options { get; }

    /// <summary>Newest step; -1 before the first.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>First step ever seen; -1 before the first.</summary>
    public long First { get; private set; } = -1;

    /// <summary>End of a step, Unix milliseconds.</summary>
    public long EndUnixMs(long step) => step * Options.StepMs;

    /// <summary>Makes room for a VM with nothing known and returns its slot.</summary>
    public int Add(float cores, ulong memoryBytes)
    {
        Row row = NewRow(cores, memoryBytes);
        if (_free.TryPop(out int slot)) _rows[slot] = row;
        else
        {
            slot = _rows.Count;
            _rows.Add(row);
        }
        return slot;
    }

    /// <summary>Forgets a VM; its slot may be given to another.</summary>
    public void Remove(int slot)
    {
        _rows[slot] = Row.Empty;
        _forgotten.RemoveAll(f => f.Slot == slot);
        _free.Push(slot);
    }

    /// <summary>Forgets a VM's past: its slot is another VM's from now on. What it was stays readable by <see cref="CpuAsOf"/>.</summary>
    public void Forget(int slot)
    {
        _forgotten.Add((slot, Newest, _rows[slot]));
        _rows[slot] = NewRow(_rows[slot].Cores, _rows[slot].MemoryBytes);
    }

    /// <summary>Lets go of what was forgotten before a step: nobody asks for it as of an earlier one.</summary>
    public void DropForgotten(long before) => _forgotten.RemoveAll(f => f.At < before);

    public float Cores(int slot) => _rows[slot].Cores;

    public ulong MemoryBytes(int slot) => _rows[slot].MemoryBytes;

    public void Resize(int slot, float cores, ulong memoryBytes) => (_rows[slot].Cores, _rows[slot].MemoryBytes) = (cores, memoryBytes);

    /// <summary>Goes on to a later step. It and the steps skipped are missing for all VMs until they are set.</summary>
    public void Advance(long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Newest);
        if (First < 0)
        {
            First = step;
            _cpuOrigin = step - _cpuSteps + 1;
            _signalOrigin = step - _signalSteps + 1;
        }
        Newest = step;
        _cpuOrigin = Slide(step, _cpuOrigin, _cpuSteps, CpuSlack, 1, row => row.Cpu);
        _signalOrigin = Slide(step, _signalOrigin, _signalSteps, SignalSlack, SignalSet.Count, row => row.Signals);
    }

    /// <summary>Writes one VM's step, which may be any that the windows reach; what is older is not touched.</summary>
    public void Set(int slot, long step, in StepValues values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, Newest);
        Row row = _rows[slot];
        if (step > Newest - _cpuSteps) row.Cpu[step - _cpuOrigin] = values.Cpu;
        if (step > Newest - _signalSteps) SignalSet.Scale(values, row.Signals.AsSpan((int)(step - _signalOrigin) * SignalSet.Count, SignalSet.Count));
    }

    /// <summary>Own CPU utilisation of the steps up to and with <paramref name="last"/>, newest last; NaN: missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The history does not reach so far back.</exception>
    public ReadOnlySpan<float> Cpu(int slot, long last, int steps)
    {
        Check(last, steps, _cpuSteps);
        return _rows[slot].Cpu.AsSpan((int)(last - steps + 1 - _cpuOrigin), steps);
    }

    /// <summary>As <see cref="Cpu"/>, with the past that a VM had when <paramref name="asOf"/> became the newest step, forgotten since or not.</summary>
    public ReadOnlySpan<float> CpuAsOf(long asOf, int slot, long last, int steps)
    {
        Check(last, steps, _cpuSteps);
        Row row = _rows[slot];
        for (int i = _forgotten.Count - 1; i >= 0 && _forgotten[i].At >= asOf; i--)
            if (_forgotten[i].Slot == slot) row = _forgotten[i].Row;
        return row.Cpu.AsSpan((int)(last - steps + 1 - _cpuOrigin), steps);
    }

    /// <summary>The window [T, F] of one VM, scaled as <see cref="SignalSet"/> says, its newest step <paramref name="last"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The history does not reach so far back.</exception>
    public ReadOnlySpan<float> Window(int slot, long last)
    {
        Check(last, HistoryOptions.WindowSteps, _signalSteps);
        int first = (int)(last - HistoryOptions.WindowSteps + 1 - _signalOrigin);
        return _rows[slot].Signals.AsSpan(first * SignalSet.Count, HistoryOptions.WindowSteps * SignalSet.Count);
    }

    private Row NewRow(float cores, ulong memoryBytes) =>
        new(Allocate(_cpuSteps + CpuSlack), Allocate((_signalSteps + SignalSlack) * SignalSet.Count)) { Cores = cores, MemoryBytes = memoryBytes };

    /// <summary>
    /// Rows are long and seldom touched. On a heap of their own they do not stand between the small objects that every report
    /// touches: with them in between, each VM's would be on a page of its own.
    /// </summary>
    private static float[] Allocate(int length)
    {
        float[] values = GC.AllocateUninitializedArray<float>(length, pinned: true);
        Array.Fill(values, float.NaN);
        return values;
    }

    private void Check(long last, int steps, int kept)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, Newest);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(last - steps, Newest - kept - 1, nameof(last));
    }

    /// <summary>Moves rows to the front when a step is beyond their end; returns the step that now stands first.</summary>
    private long Slide(long step, long origin, int kept, int slack, int width, Func<Row, float[]> array)
    {
        if (step - origin < kept + slack) return origin;
        long moved = step - kept + 1 - origin;
        foreach (Row row in _rows.Concat(_forgotten.Select(f => f.Row)))
        {
            float[] values = array(row);
            if (values.Length == 0) continue;
            int left = (int)Math.Max(0, kept + slack - moved) * width;
            if (left > 0) Array.Copy(values, values.Length - left, values, 0, left);
            Array.Fill(values, float.NaN, left, values.Length - left);
        }
        return origin + moved;
    }

    private sealed class Row(float[] cpu, float[] signals)
    {
        public static readonly Row Empty = new([], []);

        public float[] Cpu { get; } = cpu;

        public float[] Signals { get; } = signals;

        public float Cores { get; set; }

        public ulong MemoryBytes { get; set; }
    }
}
