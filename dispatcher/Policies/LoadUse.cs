namespace Pipeline.Dispatcher.Policies;

/// <summary>What a policy looks at of the VMs' own load.</summary>
public enum LoadUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>What VMs published.</summary>
    Reports,

    /// <summary>The expected free share, wherever it comes from.</summary>
    Forecast,
}
