namespace Pipeline.Processors.Patterns;

/// <summary>What counts as a pattern.</summary>
public sealed record PatternOptions
{
    private const double DayMs = 86_400_000;

    /// <summary>Length of a step, milliseconds; only slopes per day depend on it, all else is counted in steps.</summary>
    public long StepMs { get; init; } = 300_000;

    public double StepsPerDay => DayMs / StepMs;

    /// <summary>A series with fewer known steps has no pattern.</summary>
    public int StepsMin { get; init; } = 36;

    /// <summary>Idle: 99 % of the steps are below this utilisation.</summary>
    public double IdleBelow { get; init; } = .05;

    /// <summary>Steady: the spread is at most this, or this share of the mean, whichever is larger.</summary>
    public double SteadySpread { get; init; } = .04;

    public double SteadySpreadOfMean { get; init; } = .1;

    /// <summary>Periodic: the mean cycle spans at least this utilisation and explains at least this share of the variance that trend and levels leave.</summary>
    public double AmplitudeMin { get; init; } = .03;

    public double SeasonalShareMin { get; init; } = .25;

    /// <summary>Trending: the line moves at least so far over the series, explains this share of the variance, and has so many standard errors.</summary>
    public double TrendMin { get; init; } = .08;

    public double TrendExplainedMin { get; init; } = .5;

    public double TrendZMin { get; init; } = 5;

    /// <summary>Newest steps in which leaders are looked for, as many as an edge of the graph looks at.</summary>
    public int LeadSteps { get; init; } = 864;

    /// <summary>Lags at which leaders are looked for, steps: at most this, either way.</summary>
    public int LagMax { get; init; } = 6;

    /// <summary>A leader's least correlation, either sign.</summary>
    public double LeadCorrelationMin { get; init; } = .2;

    /// <summary>Lags at which one community's bursts may follow another's, steps.</summary>
    public int TurnLagMin { get; init; } = 2;

    public int TurnLagMax { get; init; } = 24;

    /// <summary>Episodes on which a co-burst has to be seen.</summary>
    public int EpisodesMin { get; init; } = 3;

    /// <summary>Share of the leaders, and of the co-bursts, that may be false on average.</summary>
    public double FalseDiscoveryRate { get; init; } = .01;

    /// <summary>Threads at most; 0: one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }
}
