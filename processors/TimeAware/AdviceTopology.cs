using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Processors.TimeAware;

/// <summary>vm.steps, graph.communities, vm.predictions → fleet.advice, fleet.profiles.</summary>
public static class AdviceTopology
{
    public static Topology Create(LiveFleet live, ScaleRequest scale) => new()
    {
        Name = "time-aware",
        Source = Topics.VmSteps,
        Globals = [Topics.GraphCommunities, Topics.VmPredictions],
        // Communities and predictions are published with every step.
        GlobalsFrom = TimeSpan.FromHours(1),
        Global = live,
        CreateProcessor = _ => new AdviceProcessor(live, scale),
    };
}
