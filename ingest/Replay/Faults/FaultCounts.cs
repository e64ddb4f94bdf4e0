namespace Pipeline.Ingest.Replay.Faults;

/// <summary>What was done to the reports of a replay.</summary>
public sealed record FaultCounts
{
    /// <summary>Reports that agents made, silenced ones not among them.</summary>
    public long Made { get; set; }

    /// <summary>Lost, by drops or gaps.</summary>
    public long Dropped { get; set; }

    public long Delayed { get; set; }

    public long Duplicated { get; set; }

    public long Reordered { get; set; }

    /// <summary>Reports of VMs whose clock is wrong.</summary>
    public long Skewed { get; set; }

    /// <summary>Reports that were never made, because the VM was off.</summary>
    public long Silenced { get; set; }

    public long Restarts { get; set; }

    public override string ToString() =>
        $"made={Made} dropped={Dropped} delayed={Delayed} duplicated={Duplicated} reordered={Reordered} skewed={Skewed} silenced={Silenced} restarts={Restarts}";
}
