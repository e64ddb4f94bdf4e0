namespace Pipeline.Dispatcher.Simulation;

/// <summary>What the dispatcher of a run is told of the VMs' own load, and whether completions correct it.</summary>
/// <param name="Source">One of <see cref="Sources"/>.</param>
/// <param name="Feedback">With live feedback.</param>
public sealed record Signal(string Source, bool Feedback)
{
    /// <summary>Nothing.</summary>
    public const string None = "none";

    /// <summary>The newest report.</summary>
    public const string Last = "last";

    /// <summary>The mean over the last hour.</summary>
    public const string MeanHour = "mean-1h";

    /// <summary>The mean over the last hour and one standard deviation.</summary>
    public const string MeanPlusDeviation = "mean-plus-sd";

    /// <summary>The network's prediction of the next five minutes.</summary>
    public const string Network = "network";

    /// <summary>The network's, told of no neighbours.</summary>
    public const string NetworkNoEdges = "network-no-edges";

    /// <summary>The network's, with other VMs' neighbours.</summary>
    public const string NetworkShuffledEdges = "network-shuffled-edges";

    /// <summary>The mean of the step that begins: what no predictor can know.</summary>
    public const string Oracle = "oracle";

    private const string FeedbackSuffix = "+feedback";

    public static readonly IReadOnlyList<string> Sources = [None, Last, MeanHour, MeanPlusDeviation, Network, NetworkNoEdges, NetworkShuffledEdges, Oracle];

    /// <summary>All there are: each source, and each with feedback.</summary>
    public static readonly IReadOnlyList<string> Names = [.. Sources, .. Sources.Select(s => s + FeedbackSuffix)];

    public string Name => Feedback ? Source + FeedbackSuffix : Source;

    /// <summary>Needs the network's forecasts.</summary>
    public bool IsNetwork => Source is Network or NetworkNoEdges or NetworkShuffledEdges;

    /// <exception cref="ArgumentException">There is no signal of that name.</exception>
    public static Signal Of(string name)
    {
        if (!Names.Contains(name)) throw new ArgumentException($"there is no signal '{name}'; there are {string.Join(", ", Names)}", nameof(name));
        bool feedback = name.EndsWith(FeedbackSuffix, StringComparison.Ordinal);
        return new Signal(feedback ? name[..^FeedbackSuffix.Length] : name, feedback);
    }
}
