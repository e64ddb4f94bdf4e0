namespace Pipeline.Infra.Streaming;

/// <summary>
/// Kafka said no, did not answer, or the outcome of a transaction is unknown. The state of the loop may not be what the topics say,
/// so it is thrown away and rebuilt with new clients.
/// </summary>
public sealed class StreamClientException : Exception
{
    /// <summary>What kind of failure it is, for whoever counts.</summary>
    public RestartReason Reason { get; init; }

    public StreamClientException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StreamClientException(string message)
        : base(message)
    {
    }

    public StreamClientException()
    {
    }
}
