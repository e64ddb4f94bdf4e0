using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Evaluation;

namespace Pipeline.Predictor.Commands;

/// <summary>What a model can be compared with.</summary>
public static class BaselineNames
{
    public const string Logistic = "logistic", TreesOwn = "lightgbm-own", TreesNeighbours = "lightgbm-neighbours", NoEdges = "network-no-edges", ShuffledEdges = "network-shuffled-edges";

    /// <summary>Those that have to be fitted on earlier slots.</summary>
    public static readonly IReadOnlyList<string> Fitted = [Logistic, TreesOwn, TreesNeighbours];

    public static readonly IReadOnlyList<string> All = [.. SimpleForecaster.Names, .. Fitted, NoEdges, ShuffledEdges];

    /// <summary>Reads a list with commas, 'all' or 'none'.</summary>
    /// <exception cref="UserException">There is no such method.</exception>
    public static IReadOnlyList<string> Parse(string text)
    {
        if (text == "all") return All;
        if (text == "none") return [];
        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.FirstOrDefault(n => !All.Contains(n)) is { } unknown ? throw new UserException($"no baseline '{unknown}'; there are {string.Join(", ", All)}") : names;
    }
}
