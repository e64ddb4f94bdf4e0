namespace Pipeline.Infra.Streaming;

/// <summary>Names of <see cref="StreamLimit"/> in metrics, logs and the status.</summary>
public static class StreamLimitNames
{
    public static readonly IReadOnlyList<StreamLimit> All = Enum.GetValues<StreamLimit>();

    public static string NameOf(StreamLimit limit) => limit switch
    {
        StreamLimit.RecordBytes => "record-bytes",
        StreamLimit.MessageBytes => "message-bytes",
        StreamLimit.TransactionInputs => "transaction-inputs",
        StreamLimit.TransactionOutputs => "transaction-outputs",
        StreamLimit.TransactionBytes => "transaction-bytes",
        StreamLimit.ProducerQueue => "producer-queue",
        StreamLimit.PollInterval => "poll-interval",
        _ => throw new ArgumentOutOfRangeException(nameof(limit)),
    };
}
