namespace Pipeline.Infra.Traces;

/// <summary>One function of a trace.</summary>
/// <param name="Name">Function name.</param>
/// <param name="Tenant">Its owner.</param>
/// <param name="MemoryBytes">Memory that a container of it takes.</param>
/// <param name="DurationMs">Service time on an idle VM at the levels of <see cref="FunctionTrace.Levels"/>, milliseconds, rising.</param>
public sealed record TracedFunction(string Name, string Tenant, ulong MemoryBytes, double[] DurationMs)
{
    /// <summary>Service time at a level of its distribution (0..1), milliseconds; linear between the known levels.</summary>
    public double DurationAt(double level)
    {
        double[] levels = FunctionTrace.Levels;
        int i = 1;
        while (i < levels.Length - 1 && level > levels[i]) i++;
        double share = Math.Clamp((level - levels[i - 1]) / (levels[i] - levels[i - 1]), 0, 1);
        return DurationMs[i - 1] + (share * (DurationMs[i] - DurationMs[i - 1]));
    }
}
