namespace Pipeline.Processors.TimeAware;

/// <summary>How profiles learn and forecasts are made of them. Chosen by <c>advise tune</c> on days that the README's back-test does not judge.</summary>
public sealed record ProfileOptions
{
    public static readonly ProfileOptions Default = new();

    /// <summary>After so many days an observation counts half.</summary>
    public double HalfLifeDays { get; init; } = 10;

    /// <summary>Observations of its own that weigh as much as what an hour of the week is like by the hours beside it in rank: the same hour of other working days, or of the other weekend day.</summary>
    public double WeightOfKind { get; init; } = 6;

    /// <summary>Likewise for the same hour of all days, over which working days and weekends are shrunk.</summary>
    public double WeightOfHour { get; init; } = 6;

    /// <summary>Likewise for the mean of all hours.</summary>
    public double WeightOfAll { get; init; } = 3;

    /// <summary>The current deviation is a mean over the past with weights that fall to 1/e in so many hours.</summary>
    public double DeviationHours { get; init; } = 5;

    /// <summary>Before anything is learnt a deviation fades to 1/e in so many hours.</summary>
    public double FadeHours { get; init; } = 5;

    /// <summary>Share of that first guess that is of the newest deviation alone, not of their mean.</summary>
    public double FadeOfLast { get; init; } = .4;

    /// <summary>Days of observations that this first guess weighs as much as.</summary>
    public double FadeWeightDays { get; init; } = 4;

    /// <summary>Times at which the load is expected to differ by no more than this share are equally good: the earliest of them is taken, of which is known most.</summary>
    public double Alike { get; init; } = .01;
}
