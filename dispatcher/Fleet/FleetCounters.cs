namespace Pipeline.Dispatcher.Fleet;

/// <summary>What happened to the fleet's state that somebody should be able to see. Written by one thread, read by any.</summary>
public sealed class FleetCounters
{
    /// <summary>Invocations whose id was answered before.</summary>
    public long RepeatedInvocations { get; set; }

    /// <summary>Dispatches read back that were known already: mostly this instance's own.</summary>
    public long KnownDispatches { get; set; }

    /// <summary>Dispatches read back that were not known: of other instances, or of this one before a restart.</summary>
    public long ForeignDispatches { get; set; }

    /// <summary>Completions whose dispatch was not read yet.</summary>
    public long OvertakingCompletions { get; set; }

    /// <summary>Second completions of a call.</summary>
    public long RepeatedCompletions { get; set; }

    /// <summary>Completions of calls that were no longer counted as in flight.</summary>
    public long LateCompletions { get; set; }

    /// <summary>Calls that ran into <see cref="FleetOptions.CallTimeout"/>.</summary>
    public long ExpiredCalls { get; set; }

    /// <summary>Events applied before their time because <see cref="EventBuffer.Limit"/> was reached.</summary>
    public long EarlyEvents { get; set; }

    /// <summary>Rows of predictions that were older than what was known of their VM.</summary>
    public long OldPredictions { get; set; }

    /// <summary>Rows of predictions whose model is demoted: simple signals have done better.</summary>
    public long DemotedPredictions { get; set; }

    /// <summary>Rows of predictions with a number that is none.</summary>
    public long UnusablePredictions { get; set; }

    /// <summary>Idle containers forgotten because <see cref="ContainerPool.Limit"/> was reached.</summary>
    public long ForgottenContainers { get; set; }

    /// <summary>Mentions of VMs beyond <see cref="VmTable.Limit"/>, which are not used.</summary>
    public long VmsOverLimit { get; set; }

    /// <summary>Mentions of functions beyond <see cref="FunctionTable.Limit"/>, which share one row.</summary>
    public long FunctionsOverLimit { get; set; }

    /// <summary>Attempts whose worker said that they failed.</summary>
    public long FailedCalls { get; set; }

    /// <summary>Calls in flight on VMs that fell silent.</summary>
    public long LostCalls { get; set; }

    /// <summary>Broken calls forgotten because <see cref="FleetFeed.BrokenLimit"/> was reached.</summary>
    public long ForgottenBroken { get; set; }

    /// <summary>Attempts made again.</summary>
    public long Retries { get; set; }

    /// <summary>Calls given up after their last attempt.</summary>
    public long ExhaustedCalls { get; set; }

    /// <summary>Calls that had to wait.</summary>
    public long DeferredCalls { get; set; }

    /// <summary>Calls that were taken back before they ended.</summary>
    public long CancelledCalls { get; set; }

    /// <summary>Calls that were taken back after they had ended.</summary>
    public long LateCancellations { get; set; }

    /// <summary>Changes of tenants' quotas taken.</summary>
    public long TenantChanges { get; set; }
}
