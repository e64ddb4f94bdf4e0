using Pipeline.Infra.Streaming;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>vm.metrics → vm.steps, graph.snapshots, graph.communities; state comes back from the first and the last.</summary>
public static class StepTopology
{
    /// <summary>How the service batches and commits.</summary>
    public static readonly StreamOptions Stream = new();

    public static Topology Create(StepOptions options) => new()
    {
        Name = "processors",
        Source = Topics.VmMetrics,
        Changelogs = options.Snapshots ? [Topics.VmSteps, Topics.GraphCommunities] : [Topics.VmSteps],
        // Long memory is seven days; records are never older than their event time.
        ChangelogsFrom = TimeSpan.FromDays(8),
        CreateProcessor = _ => new StepProcessor(options),
    };
}
