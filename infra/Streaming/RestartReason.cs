namespace Pipeline.Infra.Streaming;

/// <summary>Why a life of the loop ended and the next began with nothing in memory.</summary>
public enum RestartReason
{
    /// <summary>A client failed otherwise: the cluster is away, a request was refused.</summary>
    Client,

    /// <summary>A transactional call timed out or never came back: nobody here knows whether the transaction took place. The topics do.</summary>
    TimeoutUnknownOutcome,

    /// <summary>Somebody else opened our transactional id, or the broker timed our transaction out.</summary>
    Fenced,

    /// <summary>The group went on without us.</summary>
    LostPartitions,
}
