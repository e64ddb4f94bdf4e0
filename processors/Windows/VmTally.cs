namespace Pipeline.Processors.Windows;

/// <summary>What there was about a VM since the step before, besides the reports that were counted; published with the step that closes next.</summary>
internal record struct VmTally
{
    /// <summary>Reports of final steps.</summary>
    public uint Late;

    /// <summary>Reports that were counted before.</summary>
    public uint Repeated;

    /// <summary>Reports from a clock that is ahead.</summary>
    public uint Quarantined;

    /// <summary>Sequence numbers given up.</summary>
    public uint Missing;

    /// <summary>Numbers given up that arrived after all, among the late.</summary>
    public uint Recovered;

    /// <summary>Times that sequence numbers began anew.</summary>
    public uint Restarts;

    /// <summary>Smallest distance of its reports to the cell's newest, s, beyond the tolerance; 0: within.</summary>
    public uint BehindS;
}
