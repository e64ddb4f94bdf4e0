using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>The reports of one VM in one step: means weighted by interval, and the peak.</summary>
internal sealed class StepAccumulator
{
    /// <summary>Signals with a mean: those of <see cref="Signals"/> but the peak.</summary>
    private const int Means = 8;

    private readonly double[] sums = new double[Means];
    private readonly double[] weights = new double[Means];
    private readonly HashSet<ulong> sequences = [];
    private double functionsCpu, functionsMemory, functionsWeight;
    private float peak = float.NaN;

    public uint Reports { get; private set; }

    public float Cores { get; private set; }

    public ulong MemoryBytes { get; private set; }

    public ulong LastSequence { get; private set; }

    private long newest;

    /// <summary>Counts a report; false when its sequence number was counted here before.</summary>
    public bool TryAdd(VmReport report)
    {
        if (!sequences.Add(report.Sequence)) return false;
        Reports++;
        LastSequence = Math.Max(LastSequence, report.Sequence);
        if (report.TimeUnixMs >= newest) (newest, Cores, MemoryBytes) = (report.TimeUnixMs, report.Cores, report.MemoryBytes);
        Signals s = report.Own;
        double w = report.IntervalMs;
        Add(0, s.HasCpuUtilization, s.CpuUtilization, w);
        Add(1, s.HasCpuSteal, s.CpuSteal, w);
        Add(2, s.HasMemoryUtilization, s.MemoryUtilization, w);
        Add(3, s.HasDiskRead, s.DiskRead, w);
        Add(4, s.HasDiskWrite, s.DiskWrite, w);
        Add(5, s.HasNetworkReceive, s.NetworkReceive, w);
        Add(6, s.HasNetworkTransmit, s.NetworkTransmit, w);
        Add(7, s.HasLoad1M, s.Load1M, w);
        AddPeak(s.HasCpuUtilizationPeak, s.CpuUtilizationPeak);
        AddPeak(s.HasCpuUtilization, s.CpuUtilization);
        if (report.Functions is { } functions)
        {
            functionsCpu += functions.CpuUtilization * w;
            functionsMemory += functions.MemoryBytes * w;
            functionsWeight += w;
        }
        return true;
    }

    /// <summary>The step as it is published.</summary>
    public VmStep ToStep(string vm) => new()
    {
        Vm = vm,
        Cores = Cores,
        MemoryBytes = MemoryBytes,
        Reports = Reports,
        LastSequence = LastSequence,
        Own = Own(),
        Functions = functionsWeight == 0 ? null : new FunctionsUse
        {
            CpuUtilization = (float)(functionsCpu / functionsWeight),
            MemoryBytes = (ulong)(functionsMemory / functionsWeight),
        },
    };

    private Signals Own()
    {
        Signals own = new();
        if (weights[0] > 0) own.CpuUtilization = Mean(0);
        if (weights[1] > 0) own.CpuSteal = Mean(1);
        if (weights[2] > 0) own.MemoryUtilization = Mean(2);
        if (weights[3] > 0) own.DiskRead = Mean(3);
        if (weights[4] > 0) own.DiskWrite = Mean(4);
        if (weights[5] > 0) own.NetworkReceive = Mean(5);
        if (weights[6] > 0) own.NetworkTransmit = Mean(6);
        if (weights[7] > 0) own.Load1M = Mean(7);
        if (!float.IsNaN(peak)) own.CpuUtilizationPeak = peak;
        return own;
    }

    private float Mean(int i) => (float)(sums[i] / weights[i]);

    private void Add(int i, bool has, float value, double weight)
    {
        if (!has) return;
        sums[i] += value * weight;
        weights[i] += weight;
    }

    private void AddPeak(bool has, float value)
    {
        if (has) peak = float.IsNaN(peak) ? value : Math.Max(peak, value);
    }
}
