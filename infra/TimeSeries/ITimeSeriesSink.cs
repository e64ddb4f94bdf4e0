namespace Pipeline.Infra.TimeSeries;

/// <summary>
/// Takes points and keeps them. MUST: return only when every point of the batch is stored or rejected for good;
/// throw <see cref="SinkException"/> otherwise, after which the caller still owns the batch and may write it again,
/// whole: a repeat changes nothing.
/// </summary>
public interface ITimeSeriesSink
{
    /// <exception cref="SinkException">The batch, or part of it, is not stored.</exception>
    Task<WriteResult> WriteAsync(IReadOnlyList<Point> points, CancellationToken cancel);
}
