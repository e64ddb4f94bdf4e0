namespace Pipeline.Dispatcher.Policies;

/// <summary>The policies by name.</summary>
public static class PolicyCatalog
{
    private static readonly Dictionary<string, (LoadUse Use, Func<PolicyOptions, IPolicy> Create)> All = new(StringComparer.Ordinal)
    {
        [ExpectedCompletionTimePolicy.PolicyName] = (LoadUse.Forecast, o => new ExpectedCompletionTimePolicy(o)),
        [RandomPolicy.PolicyName] = (LoadUse.None, o => new RandomPolicy(o)),
        [RoundRobinPolicy.PolicyName] = (LoadUse.None, o => new RoundRobinPolicy(o)),
        [ShortestQueuePolicy.PolicyName] = (LoadUse.None, o => new ShortestQueuePolicy(o)),
        [ShortestOfTwoPolicy.PolicyName] = (LoadUse.None, o => new ShortestOfTwoPolicy(o)),
        [OpenWhiskPolicy.PolicyName] = (LoadUse.None, o => new OpenWhiskPolicy(o)),
        [BoundedLoadsPolicy.PolicyName] = (LoadUse.None, o => new BoundedLoadsPolicy(o)),
        [RandomLoadUpdatePolicy.PolicyName] = (LoadUse.None, o => new RandomLoadUpdatePolicy(o)),
        [MinWorkerSetPolicy.PolicyName] = (LoadUse.Reports, o => new MinWorkerSetPolicy(o)),
        [HikuPolicy.PolicyName] = (LoadUse.None, o => new HikuPolicy(o)),
        [HermesPolicy.PolicyName] = (LoadUse.None, o => new HermesPolicy(o)),
        [PrequalPolicy.PolicyName] = (LoadUse.Reports, o => new PrequalPolicy(o)),
        [LoadPackingPolicy.PolicyName] = (LoadUse.Reports, o => new LoadPackingPolicy(o)),
        [LoadVariationPolicy.PolicyName] = (LoadUse.Reports, o => new LoadVariationPolicy(o)),
        [LoadAwarePolicy.PolicyName] = (LoadUse.Reports, o => new LoadAwarePolicy(o)),
        [CranePolicy.PolicyName] = (LoadUse.Reports, o => new CranePolicy(o)),
        [NSigmaPolicy.PolicyName] = (LoadUse.Reports, o => new NSigmaPolicy(o)),
    };

    public static readonly IReadOnlyList<string> Names = [.. All.Keys];

    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static IPolicy Create(string name, PolicyOptions options) => Find(name).Create(options);

    /// <summary>What a policy looks at of the VMs' own load.</summary>
    /// <exception cref="ArgumentException">There is no policy of that name.</exception>
    public static LoadUse UseOf(string name) => Find(name).Use;

    private static (LoadUse Use, Func<PolicyOptions, IPolicy> Create) Find(string name) =>
        All.TryGetValue(name, out (LoadUse, Func<PolicyOptions, IPolicy>) found) ? found : throw new ArgumentException($"there is no policy '{name}'; there are {string.Join(", ", Names)}", nameof(name));
}
