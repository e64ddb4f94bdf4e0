using Pipeline.Infra.Streaming;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>vm.metrics → vm.steps, graph.snapshots, graph.communities; state comes back from the first and the last.</summary>
public static class StepTopology
{
    public static Topology Create(StepOptions options) => new()
    {
        Name = "processors",
        Source = Topics.VmMetrics,
        Changelogs = [Topics.VmSteps, Topics.GraphCommunities],
        CreateProcessor = _ => new StepProcessor(options),
    };
}
