namespace Pipeline.Infra.Streaming;

/// <summary>Wall time since the newest record in this life; to a processor an input like any other.</summary>
/// <param name="Source">Of the partitions of the source that this instance reads.</param>
/// <param name="Partition">Of the processor's own partition; zero while more is known to be in it.</param>
public readonly record struct Silence(TimeSpan Source, TimeSpan Partition);
