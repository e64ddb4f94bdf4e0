using System.Runtime.CompilerServices;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Processors.Windows;

/// <summary>What one VM reported in one step: means weighted by interval, peak, count, and which reports they were.</summary>
internal sealed class VmWindow
{
    /// <summary>Means are kept of all signals, by their place in <see cref="SignalValues"/>, and of what functions use.</summary>
    private const int FunctionsCpu = SignalValues.Count, FunctionsMemory = FunctionsCpu + 1, Means = FunctionsMemory + 1;

    /// <summary>Room at first: agents may report every ten seconds or once in a step.</summary>
    private const int FirstReports = 4;

    private (ulong Sequence, long TimeMs)[] _seen = new (ulong, long)[FirstReports];
    private (ulong Sequence, long TimeMs) _last;
    private Doubles _sums;
    private Doubles _weights;
    private float _peak = float.NegativeInfinity;

    /// <summary>Reports counted.</summary>
    public int Reports { get; private set; }

    /// <summary>
    /// Counts a report; false when it was counted before. The same report has the same sequence number and the same time: a
    /// sequence number alone would take an agent that was started anew for its own past.
    /// </summary>
    public bool Add(in ReportValues report)
    {
        if (!Remember(report.Sequence, report.TimeUnixMs)) return false;
        double weight = report.IntervalMs;
        bool all = report.HasAll;
        for (int signal = 0; signal < SignalValues.Count; signal++)
            if (all || report.Has(signal)) Add(signal, report[signal], weight);
        if (report.Has(SignalValues.CpuUtilizationPeak)) _peak = Math.Max(_peak, report[SignalValues.CpuUtilizationPeak]);
        // A mean is a lower bound of the peak, and all there is from agents that do not sample within the interval.
        if (report.Has(SignalValues.CpuUtilization)) _peak = Math.Max(_peak, report[SignalValues.CpuUtilization]);
        if (!report.HasFunctions) return true;
        Add(FunctionsCpu, report.FunctionsCpuUtilization, weight);
        Add(FunctionsMemory, report.FunctionsMemoryBytes, weight);
        return true;
    }

    /// <summary>Writes means and peak; what was never measured stays absent.</summary>
    public void WriteTo(VmStep step)
    {
        step.Reports = (uint)Reports;
        Signals own = step.Own = new Signals();
        if (Mean(SignalValues.CpuUtilization) is { } cpu) own.CpuUtilization = cpu;
        if (_peak >= 0) own.CpuUtilizationPeak = _peak;
        if (Mean(SignalValues.CpuSteal) is { } steal) own.CpuSteal = steal;
        if (Mean(SignalValues.MemoryUtilization) is { } memory) own.MemoryUtilization = memory;
        if (Mean(SignalValues.DiskRead) is { } diskRead) own.DiskRead = diskRead;
        if (Mean(SignalValues.DiskWrite) is { } diskWrite) own.DiskWrite = diskWrite;
        if (Mean(SignalValues.NetworkReceive) is { } receive) own.NetworkReceive = receive;
        if (Mean(SignalValues.NetworkTransmit) is { } transmit) own.NetworkTransmit = transmit;
        if (Mean(SignalValues.Load1M) is { } load) own.Load1M = load;
        if (Mean(FunctionsCpu) is { } functions)
            step.Functions = new FunctionsUse { CpuUtilization = functions, MemoryBytes = (ulong)Math.Round(_sums[FunctionsMemory] / _weights[FunctionsMemory]) };
    }

    /// <summary>Notes which report it was, in order; false: it was noted before.</summary>
    private bool Remember(ulong sequence, long timeMs)
    {
        int at = Reports;
        if (at > 0 && _last.CompareTo((sequence, timeMs)) >= 0)
        {
            at = Array.BinarySearch(_seen, 0, Reports, (sequence, timeMs));
            if (at >= 0) return false;
            at = ~at;
        }
        else _last = (sequence, timeMs);
        if (Reports == _seen.Length) Array.Resize(ref _seen, 2 * Reports);
        if (at < Reports) Array.Copy(_seen, at, _seen, at + 1, Reports - at);
        _seen[at] = (sequence, timeMs);
        Reports++;
        return true;
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
