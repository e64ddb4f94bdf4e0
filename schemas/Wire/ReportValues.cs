using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pipeline.Schemas.Wire;

/// <summary>The numbers of a <see cref="VmReport"/>, without an object for each part of it. Fields as in metrics.proto.</summary>
public struct ReportValues
{
    private SignalValues own;
    private uint measured;

    public long TimeUnixMs { get; set; }

    public uint IntervalMs { get; set; }

    public ulong Sequence { get; set; }

    public float Cores { get; set; }

    public ulong MemoryBytes { get; set; }

    /// <summary>Hash of host_id; 0 where there is none.</summary>
    public ulong Host { get; set; }

    /// <summary>Hash of hypervisor; 0 where there is none.</summary>
    public ulong Hypervisor { get; set; }

    /// <summary>Hash of tenant; 0 where there is none.</summary>
    public ulong Tenant { get; set; }

    /// <summary>Whether there is an own load at all.</summary>
    public bool HasOwn { get; set; }

    public bool HasFunctions { get; set; }

    public float FunctionsCpuUtilization { get; set; }

    public ulong FunctionsMemoryBytes { get; set; }

    /// <summary>A signal of the own load, by its place in <see cref="SignalValues"/>; 0 where it was not measured.</summary>
    public readonly float this[int signal] => own[signal];

    /// <summary>Every signal was measured.</summary>
    public readonly bool HasAll => measured == (1u << SignalValues.Count) - 1;

    public readonly bool Has(int signal) => (measured >> signal & 1) != 0;

    public void Set(int signal, float value)
    {
        own[signal] = value;
        measured |= 1u << signal;
    }

    /// <summary>Hash of a name; 0 for an empty one.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> name) => name.IsEmpty ? 0 : XxHash64.HashToUInt64(name);

    private static ulong HashOf(string name) => HashOf(Encoding.UTF8.GetBytes(name));

    /// <summary>The same numbers out of the message.</summary>
    public static ReportValues Of(VmReport report)
    {
        ReportValues values = new()
        {
            TimeUnixMs = report.TimeUnixMs,
            IntervalMs = report.IntervalMs,
            Sequence = report.Sequence,
            Cores = report.Cores,
            MemoryBytes = report.MemoryBytes,
            Host = HashOf(report.HostId),
            Hypervisor = HashOf(report.Hypervisor),
            Tenant = HashOf(report.Tenant),
            HasOwn = report.Own is not null,
            HasFunctions = report.Functions is not null,
            FunctionsCpuUtilization = report.Functions?.CpuUtilization ?? 0,
            FunctionsMemoryBytes = report.Functions?.MemoryBytes ?? 0,
        };
        if (report.Own is not { } load) return values;
        if (load.HasCpuUtilization) values.Set(SignalValues.CpuUtilization, load.CpuUtilization);
        if (load.HasCpuUtilizationPeak) values.Set(SignalValues.CpuUtilizationPeak, load.CpuUtilizationPeak);
        if (load.HasCpuSteal) values.Set(SignalValues.CpuSteal, load.CpuSteal);
        if (load.HasMemoryUtilization) values.Set(SignalValues.MemoryUtilization, load.MemoryUtilization);
        if (load.HasDiskRead) values.Set(SignalValues.DiskRead, load.DiskRead);
        if (load.HasDiskWrite) values.Set(SignalValues.DiskWrite, load.DiskWrite);
        if (load.HasNetworkReceive) values.Set(SignalValues.NetworkReceive, load.NetworkReceive);
        if (load.HasNetworkTransmit) values.Set(SignalValues.NetworkTransmit, load.NetworkTransmit);
        if (load.HasLoad1M) values.Set(SignalValues.Load1M, load.Load1M);
        if (load.HasCpuIowait) values.Set(SignalValues.CpuIowait, load.CpuIowait);
        return values;
    }
}

/// <summary>One number for each field of <see cref="Signals"/>, at its field number less one.</summary>
[InlineArray(Count)]
public struct SignalValues
{
    public const int CpuUtilization = 0, CpuUtilizationPeak = 1, CpuSteal = 2, MemoryUtilization = 3, DiskRead = 4, DiskWrite = 5,
        NetworkReceive = 6, NetworkTransmit = 7, Load1M = 8, CpuIowait = 9, Count = 10;

    private float _first;
}
