using System.Diagnostics;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;

namespace Pipeline.Dispatcher.Service;

/// <summary>What the processors of all partitions and the reader of the global topics share. All of them run on one thread.</summary>
public sealed class DispatcherCore
{
    private readonly DispatcherOptions options;

    public DispatcherCore(DispatcherOptions options)
    {
        this.options = options;
        Router = Create();
    }

    public CallRouter Router { get; private set; }

    public FleetFeed Feed => Router.Feed;

    /// <summary>By cell, the trace that its newest prediction is in; empty where nobody listens to traces.</summary>
    public Dictionary<string, ActivityContext> PredictionTraces { get; } = [];

    /// <summary>Forgets everything: decisions of a transaction that failed must not be believed.</summary>
    public void Reset()
    {
        Router = Create();
        PredictionTraces.Clear();
    }

    private CallRouter Create()
    {
        FleetState fleet = new(options.Fleet);
        if (fleet.Feedback is { } feedback) feedback.Ladder.Stepped = DispatcherMetrics.Tell;
        return new(new FleetFeed(fleet), PolicyCatalog.Create(options.Policy, options.Policies), options.Seed);
    }
}
