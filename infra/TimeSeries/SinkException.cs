namespace Pipeline.Infra.TimeSeries;

/// <summary>A batch is not stored, and is still the caller's.</summary>
public sealed class SinkException : Exception
{
    /// <param name="refused">See <see cref="Refused"/>.</param>
    public SinkException(string message, bool refused, Exception? inner = null)
        : base(message, inner) => Refused = refused;

    /// <summary>
    /// True: the store answers and will not have it (credentials, permission, no such database): somebody has to mend that,
    /// so take no more, say it loudly, try again slowly. False: the store is away or overloaded, and comes back by itself.
    /// </summary>
    public bool Refused { get; }
}
