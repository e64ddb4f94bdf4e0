namespace Pipeline.Ingest.Receiver;

/// <summary>What was sent, or a part of it that cannot be divided, is larger than may be.</summary>
public sealed class TooLargeException(string message, Exception? inner = null) : Exception(message, inner);
