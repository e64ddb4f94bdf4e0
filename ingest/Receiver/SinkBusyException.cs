namespace Pipeline.Ingest.Receiver;

/// <summary>Records cannot be taken now; later they can.</summary>
public sealed class SinkBusyException(string message, Exception inner) : Exception(message, inner);
