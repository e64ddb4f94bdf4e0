namespace Pipeline.Infra.Influx;

/// <summary>The server says that a query is wrong, or may not be asked.</summary>
public sealed class InfluxQueryException : Exception
{
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="statement">See <see cref="Statement"/>.</param>
    public InfluxQueryException(string message, int status, int? statement = null)
        : base(message)
    {
        Status = status;
        Statement = statement;
    }

    /// <summary>HTTP status; 200 where the error came inside the answer, as most do.</summary>
    public int Status { get; }

    /// <summary>Which of several statements, from 0; null where the whole query is meant.</summary>
    public int? Statement { get; }
}
