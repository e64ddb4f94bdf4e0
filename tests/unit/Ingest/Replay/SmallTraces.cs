using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Ingest.Replay;

/// <summary>Traces small enough to count by hand.</summary>
internal static class SmallTraces
{
    /// <summary>2026-01-01T00:00:00Z.</summary>
    public const long Start = 1_767_225_600_000;

    public const int SlotMs = 300_000;

    /// <summary>VM i uses i % in slot 0, one more in each slot; VM 1 is silent in slot 1.</summary>
    public static FleetTrace Fleet(int vms = 3, int slots = 4) => new()
    {
        Vms = [.. Enumerable.Range(0, vms).Select(v => $"vm{v}")],
        Cores = [.. Enumerable.Repeat(4f, vms)],
        MemoryBytes = [.. Enumerable.Repeat(1UL << 30, vms)],
        StartUnixMs = Start,
        SlotMs = SlotMs,
        SlotCount = slots,
        Cpu = [.. Enumerable.Range(0, vms * slots).Select(i => i == vms + 1 ? float.NaN : ((i % vms) + (i / vms)) / 100f)],
        Memory = [.. Enumerable.Range(0, vms * slots).Select(i => i == 0 ? float.NaN : .5f)],
        NetworkReceive = [.. Enumerable.Repeat(100f, vms * slots)],
    };

    /// <summary>f: 3 calls in minute 0 and 1 in minute 2; g: 6 in minute 1.</summary>
    public static FunctionTrace Functions() => new()
    {
        Functions = [new TracedFunction("f", "tenant-a", 64 << 20, [1, 1, 1, 1, 1, 1, 1]), new TracedFunction("g", "tenant-b", 128 << 20, [1, 1, 1, 1, 1, 1, 1])],
        Calls = [(0, 0, 3), (1, 1, 6), (2, 0, 1)],
        Minutes = 3,
    };
}
