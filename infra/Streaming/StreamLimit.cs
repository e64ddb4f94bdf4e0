namespace Pipeline.Infra.Streaming;

/// <summary>A limit of <see cref="StreamLimits"/> that can be seen to be reached.</summary>
public enum StreamLimit
{
    /// <summary>A record was too large to be parsed.</summary>
    RecordBytes,

    /// <summary>A record was too large to be written.</summary>
    MessageBytes,

    /// <summary>A transaction had taken <see cref="StreamOptions.CommitRecords"/> and was committed early.</summary>
    TransactionInputs,

    /// <summary>A transaction had written <see cref="StreamLimits.TransactionOutputsMax"/> and was committed early.</summary>
    TransactionOutputs,

    /// <summary>A transaction had written <see cref="StreamLimits.TransactionBytesMax"/> and was committed early.</summary>
    TransactionBytes,

    /// <summary>A producer's queue was full: the loop waited for the broker.</summary>
    ProducerQueue,

    /// <summary>The loop did not poll for <see cref="StreamLimits.PollIntervalMax"/> and was put out of its group.</summary>
    PollInterval,
}
