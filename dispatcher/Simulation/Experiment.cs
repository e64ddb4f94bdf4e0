namespace Pipeline.Dispatcher.Simulation;

/// <summary>Policies and signals that meet the same scenarios.</summary>
public sealed record Experiment
{
    public SimulationOptions Options { get; init; } = new();

    public IReadOnlyList<string> Policies { get; init; } = [];

    public IReadOnlyList<Signal> Signals { get; init; } = [];

    public int Seeds { get; init; } = 5;

    public int FirstSeed { get; init; } = 1;

    /// <summary>What tells it from others of its preset; empty: nothing but load and age of reports.</summary>
    public string Variant { get; init; } = "";
}
