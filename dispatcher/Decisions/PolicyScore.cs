namespace Pipeline.Dispatcher.Decisions;

/// <summary>How one policy has done so far. Written by one thread, read by any.</summary>
public sealed class PolicyScore
{
    /// <summary>Calls that it gave a VM, acting or as a shadow.</summary>
    public long Decisions { get; private set; }

    /// <summary>Of those, calls for which another policy found a VM with a lower expected cost.</summary>
    public long Beaten { get; private set; }

    /// <summary>Expected cost beyond the least that any policy found for the same call, summed, seconds.</summary>
    public double RegretS { get; private set; }

    /// <summary>Calls of it that succeeded: their number, responses expected and measured, and the absolute difference, summed, seconds.</summary>
    public long Completions { get; private set; }

    public double ExpectedS { get; private set; }

    public double ActualS { get; private set; }

    public double ErrorS { get; private set; }

    internal void AddDecision(double costS, double leastS)
    {
        Decisions++;
        if (costS > leastS) Beaten++;
        RegretS += costS - leastS;
    }

    internal void AddCompletion(double expectedS, double actualS)
    {
        Completions++;
        ExpectedS += expectedS;
        ActualS += actualS;
        ErrorS += Math.Abs(actualS - expectedS);
    }
}
