using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>The dispatcher as the processing loop sees it.</summary>
public static class DispatcherTopology
{
    public const string Name = "dispatcher";

    /// <summary>A topology for one instance, with its metrics: do not share it between two.</summary>
    public static Topology Create(DispatcherOptions options)
    {
        DispatcherCore core = new(options);
        DispatcherMetrics.Observe(core);
        TimeSpan longest = options.Fleet.CallTimeout > options.Fleet.KeepAlive ? options.Fleet.CallTimeout : options.Fleet.KeepAlive;
        Topology topology = Of(core);
        // Calls in flight and warm containers are known from the topics: as far back as they may last.
        return topology with { GlobalsFrom = longest > topology.GlobalsFrom ? longest : topology.GlobalsFrom };
    }

    /// <summary>A topology around a state.</summary>
    public static Topology Of(DispatcherCore core) => new()
    {
        Name = Name,
        Source = Topics.FunctionInvocations,
        Changelogs = [Topics.FunctionDeferrals],
        CreateProcessor = partition => new DispatchProcessor(core, partition),
        Globals = core.Globals,
        Global = new FleetReader(core),
    };
}
