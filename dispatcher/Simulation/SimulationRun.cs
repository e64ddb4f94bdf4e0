namespace Pipeline.Dispatcher.Simulation;

/// <summary>One policy with one signal on one scenario.</summary>
public sealed record SimulationRun(string Policy, string Signal, double Load, int Seed, Measures Measures, int StaleMinutes = 0);
