namespace Pipeline.Processors.Snapshots;

/// <summary>Names of the long-memory and calendar features, in column order, and the version of their definition.</summary>
/// <remarks>
/// u is own CPU utilisation, 0..1, gaps of up to an hour filled with the value before; t is the snapshot's step; T is the
/// newest step at which the VM is known (t, or earlier where its own reports are late, lost or withheld). "Busy" is
/// u >= .8, an onset is a busy step after one that is not. What is not known, for lack of past or of reports, is 0.
/// The set and its scaling follow the reference measurements by which long memory was found to carry the forecast.
/// </remarks>
public static class FeatureSet
{
    /// <summary>Changes whenever a name, the order or a definition changes: a model is only fed what it was trained on.</summary>
    public const string Version = "long-memory-1";

    /// <summary>A VM is busy from this utilisation on.</summary>
    public const float Busy = 0.8f;

    /// <summary>Number of features S.</summary>
    public static int Count => Names.Count;

    public static readonly IReadOnlyList<string> Names =
    [
        // Of u over the last 12, 36 and 288 steps up to T.
        "mean_12", "peak_12", "spread_12",
        "mean_36", "peak_36", "spread_36",
        "mean_288", "peak_288", "spread_288",
        // Peak of u over the last 2,016 steps up to T.
        "peak_2016",
        // Square roots of the shares of busy steps and of onsets, each step weighing (1 - 1/288) or (1 - 1/2016) times the one after it.
        "busy_288", "busy_2016", "onset_288", "onset_2016",
        // ln(1 + steps since) / 8; 2,016 where there was none.
        "since_busy", "since_onset",
        // ln(1 + steps since the first known one, at most 2,016) / 8.
        "known",
        // A day before t: u; peak over the following 1, 3, 6, 12 steps; peak over the 12 steps up to then.
        "yesterday", "yesterday_next_1", "yesterday_next_3", "yesterday_next_6", "yesterday_next_12", "yesterday_last_12",
        // A week before t: peak over the following 6 steps.
        "last_week_next_6",
        // Same time of each of the last seven days: mean of the peaks over the following 3 (12) steps, and share of them that were busy.
        "week_next_3", "week_busy_3", "week_next_12", "week_busy_12",
        // Same minute of the hours 2 to 7 before t: mean of the peaks over the following 3 steps.
        "hours_next_3",
        // Time of day and of hour at t, UTC, as angles; Saturday or Sunday.
        "day_sin", "day_cos", "hour_sin", "hour_cos", "weekend",
        // ln(1 + cores) / 3 and ln(1 + MB) / 12, MB = 10^6 bytes.
        "cores", "memory",
    ];
}
