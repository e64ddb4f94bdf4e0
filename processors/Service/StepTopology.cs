using Pipeline.Infra.Streaming;
using Pipeline.Processors.History;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>vm.metrics → vm.steps, graph.snapshots, graph.communities, vm.patterns; state comes back from steps and communities.</summary>
public static class StepTopology
{
    /// <summary>How the service batches and commits: by time, which no waiting step notices. The limit only bounds what a failure has read again.</summary>
    public static readonly StreamOptions Stream = new() { CommitRecords = 200_000 };

    public static Topology Create(StepOptions options) => new()
    {
        Name = "processors",
        Source = Topics.VmMetrics,
        Changelogs = options.Snapshots ? [Topics.VmSteps, Topics.GraphCommunities] : [Topics.VmSteps],
        // Records are never older than their event time.
        ChangelogsFrom = options.Step * (HistoryOptions.MemorySteps + StepOptions.SilentStepsMax),
        CreateProcessor = _ => new StepProcessor(options),
    };
}
