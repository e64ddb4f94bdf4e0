namespace Pipeline.Predictor.Samples;

/// <summary>
/// The snapshots of a trace, made by the code that makes live ones, in the least room: signals once per slot instead of
/// once per window, neighbours once per refresh of the graph.
/// </summary>
public sealed class TraceSnapshots
{
    public required string Name { get; init; }

    /// <summary>Names of the VMs, in the order of the snapshots' rows.</summary>
    public required IReadOnlyList<string> Vms { get; init; }

    public required int Slots { get; init; }

    public required uint StepMs { get; init; }

    /// <summary>Number of the step that slot 0 is.</summary>
    public required long StartStep { get; init; }

    /// <summary>float16 bits as they stand in windows, [slots, vms, F].</summary>
    public required ushort[] Signals { get; init; }

    /// <summary>Own CPU utilisation, [slots, vms]; NaN: missing.</summary>
    public required float[] Utilization { get; init; }

    /// <summary>The rest of each slot's snapshot; null where it was not asked for.</summary>
    public required IReadOnlyList<SlotRows?> Rows { get; init; }
}
