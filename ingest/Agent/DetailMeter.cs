using Pipeline.Ingest.Agent.Proc;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent;

/// <summary>What a machine tells besides its load, over an interval of samples.</summary>
internal sealed class DetailMeter
{
    /// <summary>Pages of /proc/vmstat, bytes.</summary>
    private static readonly int PageBytes = Environment.SystemPageSize;

    private double? corePeak;
    private double running, blocked;
    private int samples;

    public void Add(Sample before, Sample sample)
    {
        samples++;
        running += sample.Activity.Running ?? 0;
        blocked += sample.Activity.Blocked ?? 0;
        if (before.CoreTimes is null || sample.CoreTimes is null) return;
        foreach ((int core, CpuTimes now) in sample.CoreTimes)
        {
            // One that was off line has no time before.
            if (!before.CoreTimes.TryGetValue(core, out CpuTimes then)) continue;
            CpuTimes spent = now.Since(then);
            if (spent.Total > 0) corePeak = Math.Max(corePeak ?? 0, spent.Busy / (double)spent.Total);
        }
    }

    /// <summary>Ends the interval between two samples.</summary>
    public MachineDetail Take(Sample start, Sample last, double seconds)
    {
        MachineDetail detail = new();
        if (corePeak is { } peak) detail.CorePeak = (float)peak;
        if (last.Activity.Running is not null) detail.ProcessesRunning = (float)(running / samples);
        if (last.Activity.Blocked is not null) detail.ProcessesBlocked = (float)(blocked / samples);
        if (last.Processes is { } processes) detail.Processes = (uint)processes;
        if (last.Load is { } load) (detail.Load5M, detail.Load15M) = ((float)load.Load5m, (float)load.Load15m);
        if (last.Memory is { } memory)
        {
            detail.SwapBytes = memory.SwapBytes;
            if (memory.SwapBytes > 0) detail.SwapUtilization = (float)((memory.SwapBytes - memory.SwapFreeBytes) / (double)memory.SwapBytes);
        }
        SetModes(detail, last.Cpu.Since(start.Cpu));
        if (seconds > 0) SetRates(detail, start, last, seconds);
        (corePeak, running, blocked, samples) = (null, 0, 0, 0);
        return detail;
    }

    private static void SetModes(MachineDetail detail, CpuTimes spent)
    {
        if (spent.Total == 0) return;
        double total = spent.Total;
        detail.CpuUser = (float)(spent.User / total);
        detail.CpuNice = (float)(spent.Nice / total);
        detail.CpuSystem = (float)(spent.System / total);
        detail.CpuInterrupt = (float)((spent.Irq + spent.SoftIrq) / total);
    }

    private static void SetRates(MachineDetail detail, Sample start, Sample last, double seconds)
    {
        if (Rate(start.Activity.ContextSwitches, last.Activity.ContextSwitches) is { } switches) detail.ContextSwitches = switches;
        if (Rate(start.Activity.ProcessesCreated, last.Activity.ProcessesCreated) is { } created) detail.ProcessesCreated = created;
        if (Rate(start.Paging?.SwapIn * (ulong)PageBytes, last.Paging?.SwapIn * (ulong)PageBytes) is { } swapIn) detail.SwapIn = swapIn;
        if (Rate(start.Paging?.SwapOut * (ulong)PageBytes, last.Paging?.SwapOut * (ulong)PageBytes) is { } swapOut) detail.SwapOut = swapOut;
        if (Rate(start.Paging?.MajorFaults, last.Paging?.MajorFaults) is { } faults) detail.MajorFaults = faults;
        if (Share(start.CpuPressure?.Some, last.CpuPressure?.Some) is { } cpu) detail.PressureCpuSome = cpu;
        if (Share(start.MemoryPressure?.Some, last.MemoryPressure?.Some) is { } memorySome) detail.PressureMemorySome = memorySome;
        if (Share(start.MemoryPressure?.Full, last.MemoryPressure?.Full) is { } memoryFull) detail.PressureMemoryFull = memoryFull;
        if (Share(start.IoPressure?.Some, last.IoPressure?.Some) is { } ioSome) detail.PressureIoSome = ioSome;
        if (Share(start.IoPressure?.Full, last.IoPressure?.Full) is { } ioFull) detail.PressureIoFull = ioFull;
        if (start.Throttle is not { } before || last.Throttle is not { } now) return;
        ulong periods = Transferred.Grown(before.Periods, now.Periods);
        detail.CpuThrottledPeriods = periods == 0 ? 0 : (float)Math.Min(1, Transferred.Grown(before.Throttled, now.Throttled) / (double)periods);
        detail.CpuThrottledTime = (float)(Transferred.Grown(before.ThrottledUsec, now.ThrottledUsec) / 1e6 / seconds);

        float? Rate(ulong? then, ulong? later) => then is { } a && later is { } b ? (float)(Transferred.Grown(a, b) / seconds) : null;

        float? Share(ulong? then, ulong? later) => Rate(then, later) is { } usec ? Math.Min(1, usec / 1e6f) : null;
    }
}
