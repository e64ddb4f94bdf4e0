namespace Pipeline.Dispatcher.Fleet;

/// <summary>How an attempt at a call broke off.</summary>
public enum BreakKind
{
    /// <summary>Its worker said that it failed.</summary>
    Failed,

    /// <summary>Nothing was heard of it within <see cref="FleetOptions.CallTimeout"/>.</summary>
    TimedOut,

    /// <summary>Its VM fell silent for longer than <see cref="FleetOptions.VmTimeout"/>.</summary>
    VmLost,
}
