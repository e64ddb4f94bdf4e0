namespace Pipeline.Dispatcher.Simulation;

/// <summary>A call of a scenario.</summary>
/// <param name="ArrivalS">Seconds after the start.</param>
/// <param name="Function">Index of the function in the scenario.</param>
/// <param name="ServiceS">CPU seconds of a warm start.</param>
public readonly record struct SimulatedCall(double ArrivalS, int Function, double ServiceS);
