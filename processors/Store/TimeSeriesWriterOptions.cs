namespace Pipeline.Processors.Store;

/// <summary>How points are batched.</summary>
public sealed record TimeSeriesWriterOptions
{
    /// <summary>Consumer group; one for each store, since each remembers how far it has got.</summary>
    public string Group { get; init; } = "timeseries-writer";

    /// <summary>Tells the instances of one writer apart.</summary>
    public string Instance { get; init; } = "0";

    /// <summary>A batch is written when it has so many points.</summary>
    public int BatchPoints { get; init; } = 5000;

    /// <summary>A batch is written after this time, full or not.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause before a batch that the store did not take is tried again.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(5);
}
