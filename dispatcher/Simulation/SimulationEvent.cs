namespace Pipeline.Dispatcher.Simulation;

/// <summary>What happens later: something is on its way.</summary>
internal enum SimulationEventKind
{
    /// <summary>A call reaches its VM.</summary>
    Reaches,

    /// <summary>A call's end is known to its dispatcher.</summary>
    EndKnown,

    /// <summary>It is known to a dispatcher that a call's attempt was lost or turned away.</summary>
    LossKnown,

    /// <summary>Another dispatcher reads of a dispatch.</summary>
    DispatchRead,

    /// <summary>Another dispatcher reads of the end of a call.</summary>
    EndRead,

    /// <summary>Dispatchers learn that a VM is gone or back.</summary>
    VmKnown,
}

/// <summary>An event that is on its way.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Call">Index of the call; of a VM's: 1 when it is back.</param>
/// <param name="Vm">Index of the VM.</param>
/// <param name="Attempt">Attempt of the call.</param>
/// <param name="Dispatcher">Whose it is.</param>
internal readonly record struct SimulationEvent(SimulationEventKind Kind, int Call, int Vm, int Attempt, int Dispatcher);
