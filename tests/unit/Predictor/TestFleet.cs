using Pipeline.Infra.Traces;

namespace Pipeline.Tests.Unit.Predictor;

/// <summary>Traces of small made-up fleets.</summary>
internal static class TestFleet
{
    /// <param name="utilization">Of a slot and a VM, 0..1; asked for slot after slot.</param>
    public static FleetTrace Of(int vms, int slots, Func<int, int, float> utilization) => new()
    {
        Vms = [.. Enumerable.Range(0, vms).Select(v => $"vm{v:D2}")],
        Cores = [.. Enumerable.Repeat(4f, vms)],
        MemoryBytes = [.. Enumerable.Repeat(1ul << 30, vms)],
        StartUnixMs = 1_700_006_400_000,
        SlotMs = 300_000,
        SlotCount = slots,
        Cpu = [.. Enumerable.Range(0, slots * vms).Select(i => utilization(i / vms, i % vms))],
    };
}
