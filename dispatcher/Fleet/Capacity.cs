namespace Pipeline.Dispatcher.Fleet;

/// <summary>What a VM is worth to functions: cores that its own load is expected to leave free.</summary>
public static class Capacity
{
    /// <summary>Even a VM that is busy by itself gives functions something.</summary>
    public const double LeastCores = .2;

    /// <summary>Expected free shares are drawn towards one by this much: the most useful constant at high load.</summary>
    public const double Shrink = .15;

    /// <summary>Cores for functions, given the expected free share (0..1) of all cores.</summary>
    public static double Cores(double cores, double freeShare) => Math.Max(LeastCores, cores * (((1 - Shrink) * freeShare) + Shrink));

    /// <summary>Calls per core when one more comes: above 1 they slow each other down.</summary>
    public static double Ratio(double cores, double freeShare, int inFlight) => (inFlight + 1) / Cores(cores, freeShare);

    /// <summary>How many times longer a call takes than on an idle VM.</summary>
    public static double Slowdown(double ratio) => Math.Max(1, ratio);
}
