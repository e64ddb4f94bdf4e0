using Pipeline.Infra.Streaming;
using Pipeline.Processors.History;
using Pipeline.Processors.Trust;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>vm.metrics → vm.steps, graph.snapshots, graph.communities, vm.patterns; state comes back from steps and communities.</summary>
public static class StepTopology
{
    /// <summary>How the service batches and commits: by time, which no waiting step notices. The limit only bounds what a failure has read again.</summary>
    public static readonly StreamOptions Stream = new() { CommitRecords = 200_000 };

    /// <summary>Keys are kept for ever, so they are read from the first record on.</summary>
    private static readonly TimeSpan KeysFrom = TimeSpan.FromDays(3650);

    /// <param name="options">How reports become steps.</param>
    /// <param name="guard">Refuses reports without a good signature; null: signatures are not looked at, and agent.keys is not read.</param>
    public static Topology Create(StepOptions options, ReportGuard? guard = null) => new()
    {
        Name = "processors",
        Source = Topics.VmMetrics,
        Changelogs = options.Snapshots ? [Topics.VmSteps, Topics.GraphCommunities] : [Topics.VmSteps],
        // Records are never older than their event time.
        ChangelogsFrom = options.Step * (HistoryOptions.MemorySteps + StepOptions.SilentStepsMax),
        CreateProcessor = _ => new StepProcessor(options, guard),
        Globals = guard is null ? [] : [Topics.AgentKeys],
        GlobalsFrom = KeysFrom,
        Global = guard?.Keys,
    };
}
