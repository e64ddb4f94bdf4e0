namespace Pipeline.Dispatcher.Simulation;

/// <summary>A VM goes or comes back.</summary>
/// <param name="TimeS">Seconds after the start.</param>
/// <param name="Vm">Its index in the scenario.</param>
/// <param name="Up">It comes back; else all calls on it are lost.</param>
public readonly record struct Outage(double TimeS, int Vm, bool Up);
