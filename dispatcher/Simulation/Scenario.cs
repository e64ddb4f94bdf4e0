using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Everything random of a run, drawn beforehand: all policies and signals meet the same VMs, the same load and the same calls.</summary>
public sealed record Scenario
{
    public required int Seed { get; init; }

    public required IReadOnlyList<string> Vms { get; init; }

    public required double[] Cores { get; init; }

    public required long[] MemoryBytes { get; init; }

    /// <summary>Own utilisation [slot, VM], 0..1; the run starts with slot <see cref="FirstSlot"/>, what is before it is history.</summary>
    public required double[] OwnLoad { get; init; }

    public required int FirstSlot { get; init; }

    public required double SlotS { get; init; }

    public required IReadOnlyList<TracedFunction> Functions { get; init; }

    /// <summary>In order of arrival.</summary>
    public required SimulatedCall[] Calls { get; init; }

    public required double DurationS { get; init; }

    /// <summary>Own utilisation in a slot counted from the start of the run; beyond the last one the last holds.</summary>
    public double OwnLoadAt(int slot, int vm) => OwnLoad[(Math.Clamp(FirstSlot + slot, 0, (OwnLoad.Length / Vms.Count) - 1) * Vms.Count) + vm];
}
