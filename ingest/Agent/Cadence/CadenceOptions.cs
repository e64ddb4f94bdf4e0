namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>When an agent may report less often.</summary>
public sealed record CadenceOptions
{
    /// <summary>Shortest intervals that one report covers at most; 1: the interval is fixed.</summary>
    public int PartsMax { get; init; } = 30;

    /// <summary>
    /// A mean utilisation this far from the one reported last is a change, share of the cores. What is believed of a VM is wrong by no more,
    /// for longer than the shortest interval.
    /// </summary>
    public double Tolerance { get; init; } = .05;
}
