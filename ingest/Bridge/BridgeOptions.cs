namespace Pipeline.Ingest.Bridge;

/// <summary>How foreign records become reports.</summary>
public sealed record BridgeOptions
{
    public AgentFormat Format { get; init; } = AgentFormat.Auto;

    /// <summary>Cell of VMs that do not say.</summary>
    public string Cell { get; init; } = "cell-0";

    /// <summary>Attribute of the resource, or tag, that holds the cell; empty: all are of <see cref="Cell"/>.</summary>
    public string CellAttribute { get; init; } = "";

    /// <summary>What Graphite's paths begin with.</summary>
    public string GraphitePrefix { get; init; } = Collectd.GraphiteDecoder.DefaultPrefix;

    /// <summary>Points of one machine that are no further apart belong to one report.</summary>
    public TimeSpan Merge { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>A machine's report is complete when nothing more has come for so long, by the records' timestamps.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where a machine's records are spread over partitions, one that says nothing is waited for so long, while others do say something.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A partition that has been read to its end and from which nothing has come for so long, by the wall clock, is not waited for.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A machine that has been silent for so long, by the records' timestamps, is forgotten: its counters begin anew.</summary>
    public TimeSpan Forget { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Machines of one partition at most; the records of more go to the dead letters. One takes about 30 kB.</summary>
    public int HostsMax { get; init; } = 20_000;
}
