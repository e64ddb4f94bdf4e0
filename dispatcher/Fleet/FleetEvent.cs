using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Fleet;

/// <summary>What kind of event it is; of events at the same time the lower goes first.</summary>
public enum FleetEventKind
{
    /// <summary>Predictions and communities are as of their step's end.</summary>
    Predicted,
    Grouped,
    Dispatched,
    Completed,
}

/// <summary>Something that was read of the fleet, to be applied at its event time. Calls are kept small; chunks are kept as they are.</summary>
public readonly record struct FleetEvent
{
    public required FleetEventKind Kind { get; init; }

    /// <summary>Event time, Unix milliseconds.</summary>
    public required long TimeMs { get; init; }

    public PredictionChunk? Predictions { get; init; }

    /// <summary>The predictions are the shadow's.</summary>
    public bool Shadow { get; init; }

    public CommunityChunk? Communities { get; init; }

    public UInt128 Call { get; init; }

    /// <summary>Row of the VM.</summary>
    public int Vm { get; init; }

    /// <summary>Row of the function.</summary>
    public int Function { get; init; }

    public long Bytes { get; init; }

    /// <summary>Of a dispatch: expected free share of the VM and its calls in flight, as the decision had them.</summary>
    public float FreeShare { get; init; }

    public int InFlight { get; init; }

    public CallOutcome Outcome { get; init; }

    public int Attempt { get; init; }

    /// <summary>Of a dispatch.</summary>
    public CallTicket? Ticket { get; init; }

    /// <summary>About 100 bytes each.</summary>
    public int Weight => 1 + (2 * (Predictions?.Vm.Count ?? 0)) + (Communities?.Vm.Count ?? 0);
}
