using System.Diagnostics;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary>What the processors of all partitions and the reader of the global topics share. All of them run on one thread.</summary>
public sealed class DispatcherCore
{
    private readonly DispatcherOptions options;

    public DispatcherCore(DispatcherOptions options)
    {
        this.options = options;
        Router = Create();
        Desk = new CallDesk(Router);
    }

    public CallRouter Router { get; private set; }

    public CallDesk Desk { get; private set; }

    public FleetFeed Feed => Router.Feed;

    /// <summary>Topics that every instance reads whole.</summary>
    public IReadOnlyList<TopicSpec> Globals => options.Fleet.ShadowPrediction ? [.. FleetReader.Globals, Topics.VmPredictionsShadow] : FleetReader.Globals;

    /// <summary>By cell, the trace that its newest prediction is in; empty where nobody listens to traces.</summary>
    public Dictionary<string, ActivityContext> PredictionTraces { get; } = [];

    /// <summary>Forgets everything: decisions of a transaction that failed must not be believed.</summary>
    public void Reset()
    {
        Router = Create();
        Desk = new CallDesk(Router);
        PredictionTraces.Clear();
    }

    private CallRouter Create()
    {
        FleetState fleet = new(options.Fleet);
        if (fleet.Feedback is { } feedback) feedback.Ladder.Stepped = DispatcherMetrics.Tell;
        OnlineProof proof = new(
            options.Trial is { } trial ? PolicyCatalog.Create(trial, options.Policies) : null,
            options.TrialShare,
            [.. options.Shadows.Select(s => PolicyCatalog.Create(s, options.Policies)), .. options.Fleet.ShadowPrediction ? [new ExpectedCompletionTimePolicy(options.Policies, onShadow: true)] : (IPolicy[])[]]);
        FleetFeed feed = new(fleet) { Succeeded = proof.Complete };
        return new CallRouter(feed, PolicyCatalog.Create(options.Policy, options.Policies), options.Seed, proof, options.Policies);
    }
}
