namespace Pipeline.Dispatcher.Fleet;

/// <summary>How long what is known of the fleet is believed. All times are event time.</summary>
public sealed record FleetOptions
{
    /// <summary>A container that is idle for so long is gone.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A call without completion counts as in flight for so long, then as lost. Public platforms stop a function after 5 to 15 minutes
    /// (Azure Functions 10, AWS Lambda 15): nothing that runs is ever forgotten. <see cref="Timeout.InfiniteTimeSpan"/>: for ever.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A VM that neither reported nor completed a call for so long, while its cell was predicted, gets no calls.</summary>
    public TimeSpan VmTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A prediction older than so many of its steps is not used.</summary>
    public int PredictionSteps { get; init; } = 3;

    /// <summary>An own utilisation older than this is not used. An hour old, it still recovers more than half of the headroom.</summary>
    public TimeSpan UtilizationAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often a call is tried at most, when its worker says that it failed or its VM is lost.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>
    /// Is a call tried again of which nothing was heard within <see cref="CallTimeout"/>? It may have run, or still run: only for functions
    /// that may run twice.
    /// </summary>
    public bool RetryTimedOut { get; init; }

    /// <summary>A second prediction is read and scored, without acting.</summary>
    public bool ShadowPrediction { get; init; }

    /// <summary>Completions correct what is believed of a VM's capacity.</summary>
    public bool LiveFeedback { get; init; } = true;
}
