using Pipeline.Dispatcher.Simulation;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Traces;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>Simulated VM workers as the processing loop sees them.</summary>
public static class WorkerTopology
{
    public const string Name = "workers";

    /// <summary>A topology for one instance. The calls of a VM are all in one partition, so each partition has workers of its own.</summary>
    public static Topology Create(FleetTrace fleet, FunctionTrace functions, WorkerOptions options) => Of(new OwnLoad(fleet), functions.Functions, options);

    /// <summary>As <see cref="Create"/>; the load may be shared, since it does not change.</summary>
    public static Topology Of(OwnLoad load, IReadOnlyList<TracedFunction> functions, WorkerOptions options) => new()
    {
        Name = Name,
        Source = Topics.FunctionDispatches,
        CreateProcessor = _ => new WorkerProcessor(new WorkerFleet(load, functions, options)),
    };
}
