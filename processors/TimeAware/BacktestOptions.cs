namespace Pipeline.Processors.TimeAware;

/// <summary>What a back-test looks at.</summary>
internal sealed record BacktestOptions
{
    /// <summary>First slot of the trace that is judged; all before it is only learnt from.</summary>
    public required int First { get; init; }

    /// <summary>Last slot of the trace that is judged.</summary>
    public required int Last { get; init; }

    /// <summary>Days begin and weeks are cut by this zone.</summary>
    public string Zone { get; init; } = "UTC";

    public int SlotMinutes { get; init; } = 60;

    public ProfileOptions Profile { get; init; } = ProfileOptions.Default;

    /// <summary>Length of the window of lowest load.</summary>
    public double WindowHours { get; init; } = 2;

    /// <summary>Utilisation that scaling aims at: the pipeline calls a VM busy from there.</summary>
    public double Target { get; init; } = .8;

    /// <summary>Probability with which a step's demand is to be held.</summary>
    public double Share { get; init; } = .99;

    /// <summary>Steps until a VM that was asked for takes calls.</summary>
    public int BootSteps { get; init; } = 2;
}
