using Pipeline.Schemas.Wire;

namespace Pipeline.Schemas.Validation;

/// <summary>Checks reports of agents. One bad report condemns its record: the sender has to be mended.</summary>
public static class MetricsValidator
{
    /// <summary>A bridge batches at most so many reports: 10,000 x 200 bytes stay below <see cref="Topics.MaxValueBytes"/>.</summary>
    public const int ReportsMax = 10_000;

    /// <summary>Other VMs that one report may name.</summary>
    public const int CallsMax = 100;

    public static string? Check(VmReports value, RecordContext context)
    {
        if (value.Reports.Count == 0) return "no report in the record";
        if (value.Reports.Count > ReportsMax) return $"{value.Reports.Count} reports in the record; at most {ReportsMax} are allowed";
        foreach (VmReport report in value.Reports)
        {
            if (Check(report, context) is { } reason) return $"report of VM '{Shorten(report.Vm)}': {reason}";
        }
        return null;
    }

    /// <summary>Whether <see cref="Check(VmReports, RecordContext)"/> would find nothing wrong with a report's numbers; names are not looked at.</summary>
    public static bool AreSound(in ReportValues r, long timestampUnixMs) =>
        r.TimeUnixMs >= Bounds.TimeMsMin && r.TimeUnixMs <= timestampUnixMs + Bounds.ClockAheadMsMax
        && r.IntervalMs >= Bounds.IntervalMsMin && r.IntervalMs <= Bounds.IntervalMsMax
        && r.Cores > 0 && r.Cores <= Bounds.CoresMax
        && r.HasOwn && SignalsAreSound(r)
        && r.FunctionsCpuUtilization >= 0 && r.FunctionsCpuUtilization <= Bounds.UtilizationMax;

    /// <summary>A signal that was not measured is 0, which is within all bounds; NaN is within none.</summary>
    private static bool SignalsAreSound(in ReportValues r)
    {
        for (int i = 0; i < SignalValues.Count; i++)
            if (!(r[i] >= 0 && r[i] <= SignalMax[i])) return false;
        return true;
    }

    /// <summary>Highest value of each signal, in the order of <see cref="SignalValues"/>.</summary>
    private static ReadOnlySpan<float> SignalMax =>
    [
        Bounds.UtilizationMax, Bounds.UtilizationMax, 1, 1, float.MaxValue, float.MaxValue, float.MaxValue, float.MaxValue, float.MaxValue, 1,
    ];

    private static string? Check(VmReport r, RecordContext context) =>
        Bounds.Name("vm", r.Vm)
        ?? Bounds.Name("cell", r.Cell)
        ?? (r.Cell != context.Key ? $"cell '{Shorten(r.Cell)}' is not the record's key '{Shorten(context.Key)}'" : null)
        ?? (r.HostId.Length > 0 ? Bounds.Name("host_id", r.HostId) : null)
        ?? (r.Hypervisor.Length > 0 ? Bounds.Name("hypervisor", r.Hypervisor) : null)
        ?? (r.Tenant.Length > 0 ? Bounds.Name("tenant", r.Tenant) : null)
        ?? Check(r.Calls)
        ?? Bounds.Time("time_unix_ms", r.TimeUnixMs, context.TimestampUnixMs)
        ?? Bounds.Range("interval_ms", r.IntervalMs, Bounds.IntervalMsMin, Bounds.IntervalMsMax)
        ?? (r.Cores > 0 ? Bounds.Range("cores", r.Cores, 0, Bounds.CoresMax) : $"cores is {r.Cores}; more than 0 is wanted")
        ?? (r.Own is null ? "own load is missing" : Check(r.Own))
        ?? (r.Functions is null ? null : Bounds.Range("functions.cpu_utilization", r.Functions.CpuUtilization, 0, Bounds.UtilizationMax));

    private static string? Check(Google.Protobuf.Collections.RepeatedField<CallRate> calls)
    {
        if (calls.Count > CallsMax) return $"{calls.Count} calls; at most {CallsMax} are allowed";
        foreach (CallRate call in calls)
            if ((Bounds.Name("calls.vm", call.Vm) ?? Bounds.Range("calls.per_s", call.PerS, 0, float.MaxValue)) is { } reason) return reason;
        return null;
    }

    private static string? Check(Signals s) =>
        (s.HasCpuUtilization ? Bounds.Range("own.cpu_utilization", s.CpuUtilization, 0, Bounds.UtilizationMax) : null)
        ?? (s.HasCpuUtilizationPeak ? Bounds.Range("own.cpu_utilization_peak", s.CpuUtilizationPeak, 0, Bounds.UtilizationMax) : null)
        ?? (s.HasCpuSteal ? Bounds.Range("own.cpu_steal", s.CpuSteal, 0, 1) : null)
        ?? (s.HasCpuIowait ? Bounds.Range("own.cpu_iowait", s.CpuIowait, 0, 1) : null)
        ?? (s.HasMemoryUtilization ? Bounds.Range("own.memory_utilization", s.MemoryUtilization, 0, 1) : null)
        ?? (s.HasDiskRead ? Bounds.Range("own.disk_read", s.DiskRead, 0, float.MaxValue) : null)
        ?? (s.HasDiskWrite ? Bounds.Range("own.disk_write", s.DiskWrite, 0, float.MaxValue) : null)
        ?? (s.HasNetworkReceive ? Bounds.Range("own.network_receive", s.NetworkReceive, 0, float.MaxValue) : null)
        ?? (s.HasNetworkTransmit ? Bounds.Range("own.network_transmit", s.NetworkTransmit, 0, float.MaxValue) : null)
        ?? (s.HasLoad1M ? Bounds.Range("own.load_1m", s.Load1M, 0, float.MaxValue) : null);

    private static string Shorten(string name) => name.Length <= 40 ? name : name[..40] + "…";
}
