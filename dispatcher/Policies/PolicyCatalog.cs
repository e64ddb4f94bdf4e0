namespace Pipeline.Dispatcher.Policies;

/// <summary>The policies by name.</summary>
public static class PolicyCatalog
{
    public static readonly IReadOnlyList<string> Names =
    [
        ExpectedCompletionTimePolicy.PolicyName, RandomPolicy.PolicyName, RoundRobinPolicy.PolicyName, ShortestQueuePolicy.PolicyName,
        ShortestOfTwoPolicy.PolicyName, OpenWhiskPolicy.PolicyName, BoundedLoadsPolicy.PolicyName, HikuPolicy.PolicyName,
        HermesPolicy.PolicyName, PrequalPolicy.PolicyName, LoadPackingPolicy.PolicyName,
    ];

    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static IPolicy Create(string name, PolicyOptions options) => name switch
    {
        ExpectedCompletionTimePolicy.PolicyName => new ExpectedCompletionTimePolicy(options),
        RandomPolicy.PolicyName => new RandomPolicy(options),
        RoundRobinPolicy.PolicyName => new RoundRobinPolicy(options),
        ShortestQueuePolicy.PolicyName => new ShortestQueuePolicy(options),
        ShortestOfTwoPolicy.PolicyName => new ShortestOfTwoPolicy(options),
        OpenWhiskPolicy.PolicyName => new OpenWhiskPolicy(options),
        BoundedLoadsPolicy.PolicyName => new BoundedLoadsPolicy(options),
        HikuPolicy.PolicyName => new HikuPolicy(options),
        HermesPolicy.PolicyName => new HermesPolicy(options),
        PrequalPolicy.PolicyName => new PrequalPolicy(options),
        LoadPackingPolicy.PolicyName => new LoadPackingPolicy(options),
        _ => throw new ArgumentException($"there is no policy '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
    };
}
