namespace Pipeline.Ingest.Receiver;

/// <summary>Where received records go.</summary>
public interface IRecordSink
{
    /// <summary>Is done when all of them are safe.</summary>
    /// <exception cref="SinkBusyException">They are not: the agent has to send them again. Some may be there already.</exception>
    Task SendAsync(IReadOnlyList<ForeignRecord> records);
}
