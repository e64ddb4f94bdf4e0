namespace Pipeline.Local;

/// <summary>What the local run plays and where.</summary>
public sealed record LocalOptions
{
    /// <summary>Seed of everything random: invocations, durations, sampled candidates.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Hours of the day that are played.</summary>
    public double Hours { get; init; } = 24;

    /// <summary>VMs of the trace; 0: all.</summary>
    public int Vms { get; init; }

    /// <summary>Cells that the VMs are shared out over.</summary>
    public int Cells { get; init; } = 2;

    /// <summary>Put before the names of VMs and cells, so that runs on one cluster do not meet; empty: the names of the trace.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>First slot of the trace that is played: a day that the committed model was not trained on.</summary>
    public int StartSlot { get; init; }

    /// <summary>Invocations over the hours played.</summary>
    public int Invocations { get; init; } = 10_000;

    /// <summary>Seconds of event time per second; 0: as fast as the pipeline keeps up.</summary>
    public double Speed { get; init; } = 1440;

    /// <summary>Keep running when the day is over.</summary>
    public bool Serve { get; init; }

    /// <summary>Where the counts go as JSON; null: nowhere.</summary>
    public FileInfo? Summary { get; init; }

    /// <summary>Where the report and the embedded store go.</summary>
    public required DirectoryInfo Out { get; init; }
}
