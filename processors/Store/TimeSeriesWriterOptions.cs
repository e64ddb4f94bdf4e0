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

    /// <summary>Whether reports are stored as they came, too.</summary>
    public bool RawSamples { get; init; }

    /// <summary>A point about the writer itself is stored so often; zero: never.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Pause before a batch that the store did not take is tried again.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromSeconds(5);
}
