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
    private SignalValues _peaks;
    private Counts _counts;
    private ulong _coveredMs;
    private ulong _host;
    private long _hostAtMs = long.MinValue;
    private ulong _hypervisor, _tenant;
    private long _hypervisorAtMs = long.MinValue, _tenantAtMs = long.MinValue;
    private SortedDictionary<string, double>? _calls;

    /// <summary>Reports counted.</summary>
    public int Reports { get; private set; }

    /// <summary>
    /// Counts a report; false when it was counted before. The same report has the same sequence number and the same time: a
    /// sequence number alone would take an agent that was started anew for its own past.
    /// </summary>
    /// <param name="report">Its numbers.</param>
    /// <param name="calls">Whom the VM called; null: nobody.</param>
    public bool Add(in ReportValues report, IReadOnlyList<CallRate>? calls)
    {
        if (!Remember(report.Sequence, report.TimeUnixMs)) return false;
        double weight = report.IntervalMs;
        bool all = report.HasAll;
        for (int signal = 0; signal < SignalValues.Count; signal++)
        {
            if (!all && !report.Has(signal)) continue;
            Add(signal, report[signal], weight);
            _counts[signal]++;
            _peaks[signal] = Math.Max(_peaks[signal], report[signal]);
        }
        _coveredMs += report.IntervalMs;
        if (report.Host != 0 && report.TimeUnixMs >= _hostAtMs) (_host, _hostAtMs) = (report.Host, report.TimeUnixMs);
        if (report.Hypervisor != 0 && report.TimeUnixMs >= _hypervisorAtMs) (_hypervisor, _hypervisorAtMs) = (report.Hypervisor, report.TimeUnixMs);
        if (report.Tenant != 0 && report.TimeUnixMs >= _tenantAtMs) (_tenant, _tenantAtMs) = (report.Tenant, report.TimeUnixMs);
        if (calls is not null) AddCalls(calls, weight);
        if (!report.HasFunctions) return true;
        Add(FunctionsCpu, report.FunctionsCpuUtilization, weight);
        Add(FunctionsMemory, report.FunctionsMemoryBytes, weight);
        return true;
    }

    /// <summary>Writes means, peaks and counts; what was never measured stays absent.</summary>
    public void WriteTo(VmStep step, int stepMs)
    {
        step.Reports = (uint)Reports;
        step.Completeness = (float)Math.Min(1, _coveredMs / (double)stepMs);
        (step.Host, step.Hypervisor, step.Tenant) = (_host, _hypervisor, _tenant);
        if (_calls is not null)
            foreach ((string vm, double requests) in _calls) step.Calls.Add(new CallRate { Vm = vm, PerS = (float)(requests / _coveredMs) });
        WriteMeans(step);
        WritePeaks(step);
        bool alike = true;
        for (int signal = 0; signal < SignalValues.Count; signal++) alike &= _counts[signal] == 0 || _counts[signal] == Reports;
        for (int signal = 0; signal < SignalValues.Count && !alike; signal++) step.Measured.Add((uint)_counts[signal]);
    }

    private void WriteMeans(VmStep step)
    {
        Signals own = step.Own = new Signals();
        if (Mean(SignalValues.CpuUtilization) is { } cpu) own.CpuUtilization = cpu;
        // A mean is a lower bound of the peak, and all there is from agents that do not sample within the interval.
        if (_counts[SignalValues.CpuUtilization] + _counts[SignalValues.CpuUtilizationPeak] > 0)
            own.CpuUtilizationPeak = Math.Max(_peaks[SignalValues.CpuUtilization], _peaks[SignalValues.CpuUtilizationPeak]);
        if (Mean(SignalValues.CpuSteal) is { } steal) own.CpuSteal = steal;
        if (Mean(SignalValues.MemoryUtilization) is { } memory) own.MemoryUtilization = memory;
        if (Mean(SignalValues.DiskRead) is { } diskRead) own.DiskRead = diskRead;
        if (Mean(SignalValues.DiskWrite) is { } diskWrite) own.DiskWrite = diskWrite;
        if (Mean(SignalValues.NetworkReceive) is { } receive) own.NetworkReceive = receive;
        if (Mean(SignalValues.NetworkTransmit) is { } transmit) own.NetworkTransmit = transmit;
        if (Mean(SignalValues.Load1M) is { } load) own.Load1M = load;
        if (Mean(SignalValues.CpuIowait) is { } iowait) own.CpuIowait = iowait;
        if (Mean(FunctionsCpu) is { } functions)
            step.Functions = new FunctionsUse { CpuUtilization = functions, MemoryBytes = (ulong)Math.Round(_sums[FunctionsMemory] / _weights[FunctionsMemory]) };
    }

    private void WritePeaks(VmStep step)
    {
        // Of a single report the peak is the mean.
        if (Reports < 2) return;
        Signals peaks = step.Peaks = new Signals();
        if (Peak(SignalValues.CpuSteal) is { } steal) peaks.CpuSteal = steal;
        if (Peak(SignalValues.MemoryUtilization) is { } memory) peaks.MemoryUtilization = memory;
        if (Peak(SignalValues.DiskRead) is { } diskRead) peaks.DiskRead = diskRead;
        if (Peak(SignalValues.DiskWrite) is { } diskWrite) peaks.DiskWrite = diskWrite;
        if (Peak(SignalValues.NetworkReceive) is { } receive) peaks.NetworkReceive = receive;
        if (Peak(SignalValues.NetworkTransmit) is { } transmit) peaks.NetworkTransmit = transmit;
        if (Peak(SignalValues.Load1M) is { } load) peaks.Load1M = load;
        if (Peak(SignalValues.CpuIowait) is { } iowait) peaks.CpuIowait = iowait;
    }

    private float? Peak(int signal) => _counts[signal] > 0 ? _peaks[signal] : null;

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

    private void AddCalls(IReadOnlyList<CallRate> calls, double weight)
    {
        _calls ??= new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (CallRate call in calls) _calls[call.Vm] = _calls.GetValueOrDefault(call.Vm) + (call.PerS * weight);
    }

    private void Add(int signal, double value, double weight)
    {
        _sums[signal] += value * weight;
        _weights[signal] += weight;
    }

    private float? Mean(int signal) => _weights[signal] > 0 ? (float)(_sums[signal] / _weights[signal]) : null;

    [InlineArray(SignalValues.Count)]
    private struct Counts
    {
        private int _first;
    }

    [InlineArray(Means)]
    private struct Doubles
    {
        private double _first;
    }
}
