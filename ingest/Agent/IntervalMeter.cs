using Pipeline.Ingest.Agent.Proc;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Agent;

/// <summary>
/// Makes means and peaks of an interval out of samples. The first sample of an interval is the last one of the interval before,
/// so that nothing falls between them.
/// </summary>
/// <param name="first">Where the first interval begins.</param>
public sealed class IntervalMeter(Sample first)
{
    private Sample start = first, last = first;
    private int samples;
    private double? peak;
    private double memory, functionsMemory, load;
    private int memories, loads;
    private readonly DetailMeter detail = new();

    public void Add(Sample sample)
    {
        if (CpuShares(last, sample) is { } cpu) peak = Math.Max(peak ?? 0, cpu.Own);
        samples++;
        if (sample.MemoryUsed is { } used)
        {
            memories++;
            ulong functions = sample.Functions?.MemoryBytes ?? 0;
            memory += Math.Clamp((used - (double)functions) / sample.MemoryBytes, 0, 1);
        }
        functionsMemory += sample.Functions?.MemoryBytes ?? 0;
        if (sample.Load is { } now) (load, loads) = (load + now.Load1m, loads + 1);
        detail.Add(last, sample);
        last = sample;
    }

    /// <summary>Ends the interval at the last sample and begins the next one there.</summary>
    /// <exception cref="InvalidOperationException">No sample was added since the last interval.</exception>
    public Measurement Take()
    {
        if (samples == 0) throw new InvalidOperationException("an interval needs a sample at its end");
        var shares = CpuShares(start, last);
        Signals own = new();
        if (shares is { } cpu) (own.CpuUtilization, own.CpuSteal, own.CpuIowait) = ((float)cpu.Own, (float)cpu.Steal, (float)cpu.IoWait);
        // A peak is not below the mean, which a sample too short for a tick could otherwise make it.
        if (peak is { } highest) own.CpuUtilizationPeak = (float)Math.Max(highest, shares?.Own ?? 0);
        if (memories > 0) own.MemoryUtilization = (float)(memory / memories);
        if (loads > 0) own.Load1M = (float)(load / loads);
        double seconds = (last.At - start.At).TotalSeconds;
        MachineDetail machine = detail.Take(start, last, seconds);
        if (Growth(start.Disks, last.Disks, seconds) is { } disk)
        {
            (own.DiskRead, own.DiskWrite) = ((float)(disk.BytesIn / seconds), (float)(disk.BytesOut / seconds));
            (machine.DiskReadOperations, machine.DiskWriteOperations) = ((float)(disk.OperationsIn / seconds), (float)(disk.OperationsOut / seconds));
        }
        if (Growth(start.Networks, last.Networks, seconds) is { } network)
        {
            (own.NetworkReceive, own.NetworkTransmit) = ((float)(network.BytesIn / seconds), (float)(network.BytesOut / seconds));
            (machine.NetworkReceivePackets, machine.NetworkTransmitPackets) = ((float)(network.OperationsIn / seconds), (float)(network.OperationsOut / seconds));
            (machine.NetworkDropped, machine.NetworkErrors) = ((float)(network.Dropped / seconds), (float)(network.Errors / seconds));
        }
        FunctionsUse? functions = last.Functions is null ? null : new() { CpuUtilization = (float)(shares?.Functions ?? 0), MemoryBytes = (ulong)(functionsMemory / samples) };
        Measurement measurement = new(last.At - start.At, last.Cores, last.MemoryBytes, own, functions, machine);
        (start, samples, peak, memory, functionsMemory, load, memories, loads) = (last, 0, null, 0, 0, 0, 0, 0);
        return measurement;
    }

    /// <summary>Shares of the cores that were used between two samples; null where no time passed.</summary>
    private static (double Own, double Functions, double Steal, double IoWait)? CpuShares(Sample before, Sample now)
    {
        CpuTimes spent = now.Cpu.Since(before.Cpu);
        double seconds = (now.At - before.At).TotalSeconds;
        if (spent.Total == 0 || seconds <= 0) return null;
        double functions = Used(before.Functions, now.Functions), total = spent.Total;
        // A limited container is the machine; what goes on around it shows in the steal time at most.
        double all = now.ContainerCores is null ? spent.Busy / total : Used(before.Container, now.Container);
        return (Math.Clamp(all - functions, 0, Bounds.UtilizationMax), functions, spent.Steal / total, spent.IoWait / total);

        double Used(CgroupUse? then, CgroupUse? use) =>
            Math.Clamp(Transferred.Grown(then?.CpuUsec ?? 0, use?.CpuUsec ?? 0) / 1e6 / seconds / now.Cores, 0, Bounds.UtilizationMax);
    }

    private static DeviceGrowth? Growth(IReadOnlyDictionary<string, DeviceCounters>? before, IReadOnlyDictionary<string, DeviceCounters>? now, double seconds) =>
        before is null || now is null || seconds <= 0 ? null : DeviceCounters.Between(before, now);
}
