using Pipeline.Predictor.Models;

namespace Pipeline.Predictor.Explanation;

/// <summary>Features that tell of the same thing, by their names in <c>FeatureSet</c>.</summary>
internal static class FeatureGroups
{
    public const string OwnPast = "own past of hours to days", SameTime = "same time on earlier days";

    private static readonly (string Group, string[] Starts)[] Groups =
    [
        (SameTime, ["yesterday", "last_week", "week_", "hours_next"]),
        ("time of day and week", ["day_", "hour_", "weekend"]),
        ("size of the VM", ["cores", "memory"]),
    ];

    /// <summary>The columns of each group that the model has.</summary>
    public static IEnumerable<(string Group, int[] Columns)> Of(InputSignature signature) => signature.Features
        .Select((name, column) => (Group: Groups.FirstOrDefault(g => g.Starts.Any(s => name.StartsWith(s, StringComparison.Ordinal))).Group ?? OwnPast, Column: column))
        .GroupBy(f => f.Group, f => f.Column)
        .Select(g => (g.Key, g.ToArray()));
}
