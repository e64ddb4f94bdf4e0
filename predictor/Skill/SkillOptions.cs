namespace Pipeline.Predictor.Skill;

/// <summary>How live skill is told. Times are event time.</summary>
public sealed record SkillOptions
{
    /// <summary>A case counts 1/e of a new one after so long: what went wrong this morning shows by noon, and one odd step is not all there is.</summary>
    public TimeSpan Fade { get; init; } = TimeSpan.FromHours(6);

    /// <summary>The same of what the skill of the last hours is compared with.</summary>
    public TimeSpan LongFade { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The same of features: a time in which a day's hours are all seen.</summary>
    public TimeSpan FeatureFade { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Fewer cases (of all horizons and ages) say nothing.</summary>
    public double CasesMin { get; init; } = 500;

    /// <summary>Fewer cases that became busy say nothing of the probability.</summary>
    public double BusyMin { get; init; } = 30;

    /// <summary>A model is demoted when its loss is so many times that of the better simple signal, and restored when it is no larger.</summary>
    public double PinballLead { get; init; } = 1.05;

    /// <summary>The same of the Brier score, which is the noisier.</summary>
    public double BrierLead { get; init; } = 1.1;

    /// <summary>Skill (1 - loss / loss of the simple signal) has drifted when it is so far below that of the week, and no longer at half of it.</summary>
    public double SkillDrop { get; init; } = .2;

    /// <summary>Population stability index from which a feature has drifted, by the custom of credit scoring (Siddiqi 2006: .1 moderate, .25 significant); it ends at the second.</summary>
    public double DriftFrom { get; init; } = .25;

    public double DriftUntil { get; init; } = .1;

    /// <summary>Ages of own reports that are told apart, at most so many seconds; what is older is a group of its own.</summary>
    public IReadOnlyList<uint> AgesS { get; init; } = [0, 900, 1800, 3600];

    /// <summary>Rows of a snapshot whose features are looked at.</summary>
    public int FeatureRowsMax { get; init; } = 1000;
}
