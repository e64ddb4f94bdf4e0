namespace Pipeline.Dispatcher.Simulation;

/// <summary>A named set of experiments with what it is to show.</summary>
/// <param name="Name">As in --preset.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Experiments">From what the other options say.</param>
/// <param name="Marks">From all its runs.</param>
public sealed record Preset(string Name, string Description, Func<Experiment, IReadOnlyList<Experiment>> Experiments, Func<IReadOnlyList<SimulationRun>, IReadOnlyList<Mark>> Marks);
