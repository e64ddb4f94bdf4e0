using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Traces;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Service times of calls: drawn from the function's distribution by a number that depends on the call and a seed alone, never on the VM.</summary>
public static class ServiceTimes
{
    /// <summary>Points at which a mean is taken: enough for 1 % with the tails of real functions.</summary>
    private const int MeanPoints = 2000;

    /// <summary>Seconds on an idle VM.</summary>
    public static double Draw(TracedFunction function, UInt128 call, ulong seed) =>
        function.DurationAt(new SplitMix(SplitMix.Mix((ulong)(call >> 64) ^ SplitMix.Mix(seed))).NextDouble()) / 1000;

    /// <summary>Mean service time, seconds.</summary>
    public static double Mean(TracedFunction function)
    {
        double sum = 0;
        for (int i = 0; i < MeanPoints; i++) sum += function.DurationAt((i + .5) / MeanPoints);
        return sum / MeanPoints / 1000;
    }
}
