using System.Runtime.CompilerServices;
using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>What one VM reported in one step: means weighted by interval, peak, count, and which reports they were.</summary>
internal sealed class VmWindow
{
    private const int Means = 10;

    private readonly List<(ulong Sequence, long TimeMs)> _seen = [];
    private Doubles _sums;
    private Doubles _weights;
    private float _peak = float.NegativeInfinity;

    /// <summary>Reports counted.</summary>
    public int Reports => _seen.Count;

    /// <summary>
    /// Counts a report; false when it was counted before. The same report has the same sequence number and the same time: a
    /// sequence number alone would take an agent that was started anew for its own past.
    /// </summary>
    public bool Add(VmReport report)
    {
        (ulong, long) identity = (report.Sequence, report.TimeUnixMs);
        int at = _seen.Count == 0 || identity.CompareTo(_seen[^1]) > 0 ? ~_seen.Count : _seen.BinarySearch(identity);
        if (at >= 0) return false;
        _seen.Insert(~at, identity);
        Signals own = report.Own;
        double weight = report.IntervalMs;
        if (own.HasCpuUtilization) Add(0, own.CpuUtilization, weight);
        if (own.HasCpuSteal) Add(1, own.CpuSteal, weight);
        if (own.HasMemoryUtilization) Add(2, own.MemoryUtilization, weight);
        if (own.HasDiskRead) Add(3, own.DiskRead, weight);
        if (own.HasDiskWrite) Add(4, own.DiskWrite, weight);
        if (own.HasNetworkReceive) Add(5, own.NetworkReceive, weight);
        if (own.HasNetworkTransmit) Add(6, own.NetworkTransmit, weight);
        if (own.HasLoad1M) Add(7, own.Load1M, weight);
        if (own.HasCpuUtilizationPeak) _peak = Math.Max(_peak, own.CpuUtilizationPeak);
        // A mean is a lower bound of the peak, and all there is from agents that do not sample within the interval.
        if (own.HasCpuUtilization) _peak = Math.Max(_peak, own.CpuUtilization);
        if (report.Functions is not { } functions) return true;
        Add(8, functions.CpuUtilization, weight);
        Add(9, functions.MemoryBytes, weight);
        return true;
    }

    /// <summary>Writes means and peak; what was never measured stays absent.</summary>
    public void WriteTo(VmStep step)
    {
        step.Reports = (uint)Reports;
        Signals own = step.Own = new Signals();
        if (Mean(0) is { } cpu) own.CpuUtilization = cpu;
        if (_peak >= 0) own.CpuUtilizationPeak = _peak;
        if (Mean(1) is { } steal) own.CpuSteal = steal;
        if (Mean(2) is { } memory) own.MemoryUtilization = memory;
        if (Mean(3) is { } diskRead) own.DiskRead = diskRead;
        if (Mean(4) is { } diskWrite) own.DiskWrite = diskWrite;
        if (Mean(5) is { } receive) own.NetworkReceive = receive;
        if (Mean(6) is { } transmit) own.NetworkTransmit = transmit;
        if (Mean(7) is { } load) own.Load1M = load;
        if (Mean(8) is { } functions)
            step.Functions = new FunctionsUse { CpuUtilization = functions, MemoryBytes = (ulong)Math.Round(_sums[9] / _weights[9]) };
    }

    private void Add(int signal, double value, double weight)
    {
        _sums[signal] += value * weight;
        _weights[signal] += weight;
    }

    private float? Mean(int signal) => _weights[signal] > 0 ? (float)(_sums[signal] / _weights[signal]) : null;

    [InlineArray(Means)]
    private struct Doubles
    {
        private double _first;
    }
}
