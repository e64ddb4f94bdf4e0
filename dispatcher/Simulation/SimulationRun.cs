namespace Pipeline.Dispatcher.Simulation;

/// <summary>One policy with one signal on one scenario.</summary>
public sealed record SimulationRun(string Policy, string Signal, double Load, int Seed, Measures Measures, int StaleMinutes = 0)
{
    /// <summary>What else was varied within one report; empty: nothing.</summary>
    public string Variant { get; init; } = "";
}
