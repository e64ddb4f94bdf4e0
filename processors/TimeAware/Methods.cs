namespace Pipeline.Processors.TimeAware;

/// <summary>What is compared in a back-test.</summary>
internal static class Methods
{
    /// <summary>What this folder does.</summary>
    public const string Advise = "advise";

    /// <summary>The same hour a week ago.</summary>
    public const string LastWeek = "last_week";

    /// <summary>The same hour a day ago.</summary>
    public const string Yesterday = "yesterday";

    /// <summary>Thresholds: more VMs above 80 %, fewer below 30 %.</summary>
    public const string Reactive = "reactive";

    /// <summary>The same window every day, the best of them for each VM, known afterwards.</summary>
    public const string Fixed = "fixed_window";

    /// <summary>Knows what comes.</summary>
    public const string Oracle = "oracle";

    public static readonly string[] All = [Advise, LastWeek, Yesterday, Reactive, Fixed, Oracle];
}
