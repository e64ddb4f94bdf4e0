using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Schemas;

/// <summary>Valid messages for tests to break.</summary>
internal static class Samples
{
    /// <summary>2026-01-01T00:00:00Z.</summary>
    public const long Time = 1_767_225_600_000;

    public static VmReport Report(string vm = "vm-1", string cell = "cell-0", long time = Time, ulong sequence = 1) => new()
    {
        Vm = vm,
        Cell = cell,
        TimeUnixMs = time,
        IntervalMs = 300_000,
        Sequence = sequence,
        Cores = 4,
        MemoryBytes = 16UL << 30,
        Own = new Signals { CpuUtilization = .25f, MemoryUtilization = .5f },
    };

    public static VmReports Reports(params VmReport[] reports) => new() { Reports = { reports } };

    public static Invocation Invocation() => new() { Id = "f-1", Function = "f", Tenant = "t", TimeUnixMs = Time, MemoryBytes = 128 << 20, DeadlineMs = 1000 };
}
