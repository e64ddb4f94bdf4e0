namespace Pipeline.Processors.Windows;

/// <summary>What a report's sequence number tells.</summary>
internal enum SequenceArrival
{
    /// <summary>It is the first with this number.</summary>
    New,

    /// <summary>The first, after the number had been given up.</summary>
    Recovered,

    /// <summary>The number has arrived before, or is from a time of which nothing is remembered.</summary>
    Repeated,
}
