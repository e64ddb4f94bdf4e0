namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// The probability that a VM gets busy within any time, from its probabilities at a few horizons: between them, and from now to the first,
/// the hazard is taken as constant; beyond the last the last one holds.
/// </summary>
public static class BusyHazard
{
    /// <summary>Horizons that are kept of every prediction, seconds.</summary>
    public static ReadOnlySpan<int> HorizonsS => [300, 900, 1800, 3600];

    public const int Horizons = 4;

    /// <summary>A probability of one would be an infinite hazard.</summary>
    private const double MostProbable = .9999;

    /// <summary>Logarithm of the probability of staying free.</summary>
    public static double LogFree(double busy) => Math.Log(1 - Math.Clamp(busy, 0, MostProbable));

    /// <summary>Log probability of staying free for so long; horizons (rising, at least one) and their log probabilities are of the same length.</summary>
    public static double LogFreeFor(double seconds, ReadOnlySpan<int> horizonsS, ReadOnlySpan<float> logFree)
    {
        double fromS = 0, from = 0;
        for (int i = 0; i < horizonsS.Length; i++)
        {
            if (seconds <= horizonsS[i]) return from + ((logFree[i] - from) * (seconds - fromS) / (horizonsS[i] - fromS));
            (fromS, from) = (horizonsS[i], logFree[i]);
        }
        return from;
    }
}
