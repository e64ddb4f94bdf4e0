namespace Pipeline.Dispatcher.Policies;

/// <summary>The policies by name.</summary>
public static class PolicyCatalog
{
    public static readonly IReadOnlyList<string> Names =
        [ExpectedCompletionTimePolicy.PolicyName, RandomPolicy.PolicyName, RoundRobinPolicy.PolicyName, ShortestQueuePolicy.PolicyName];

    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static IPolicy Create(string name, PolicyOptions options) => name switch
    {
        ExpectedCompletionTimePolicy.PolicyName => new ExpectedCompletionTimePolicy(options),
        RandomPolicy.PolicyName => new RandomPolicy(options),
        RoundRobinPolicy.PolicyName => new RoundRobinPolicy(options),
        ShortestQueuePolicy.PolicyName => new ShortestQueuePolicy(options),
        _ => throw new ArgumentException($"there is no policy '{name}'; there are {string.Join(", ", Names)}", nameof(name)),
    };
}
