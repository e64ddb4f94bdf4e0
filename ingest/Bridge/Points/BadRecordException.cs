namespace Pipeline.Ingest.Bridge.Points;

/// <summary>A record that is not what its format says; the message tells what is wrong and where.</summary>
public sealed class BadRecordException : Exception
{
    public BadRecordException(string message)
        : base(message)
    {
    }

    public BadRecordException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
