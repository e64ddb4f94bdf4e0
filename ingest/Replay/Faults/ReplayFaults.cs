namespace Pipeline.Ingest.Replay.Faults;

/// <summary>What happens to reports on their way, by chance; the same seed does the same. Times are event time.</summary>
public sealed record ReplayFaults
{
    /// <summary>Seed of all faults.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Chance of a report that it is lost.</summary>
    public double Drop { get; init; }

    /// <summary>Chance of a report that it is held up, for up to <see cref="DelayMax"/>.</summary>
    public double Delay { get; init; }

    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Chance of a report that it comes once more, up to <see cref="DelayMax"/> later.</summary>
    public double Duplicate { get; init; }

    /// <summary>Chance of a report that it comes behind the next one or two of its VM.</summary>
    public double Reorder { get; init; }

    /// <summary>Share of the VMs whose clock is wrong, by up to <see cref="SkewMax"/> either way.</summary>
    public double Skew { get; init; }

    public TimeSpan SkewMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Chance of a report that its VM is switched off with it, for up to <see cref="SilenceMax"/>: meanwhile it makes no reports, so none are missing.</summary>
    public double Silence { get; init; }

    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Chance of a report that its VM is cut off with it, for up to <see cref="GapMax"/>: what it makes meanwhile is lost.</summary>
    public double Gap { get; init; }

    public TimeSpan GapMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Chance of a report that its agent was started anew just before, and numbers from 1.</summary>
    public double Restart { get; init; }

    /// <summary>Whether anything happens at all.</summary>
    public bool Any => Drop > 0 || Delay > 0 || Duplicate > 0 || Reorder > 0 || Skew > 0 || Silence > 0 || Gap > 0 || Restart > 0;
}
