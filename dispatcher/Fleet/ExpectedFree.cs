namespace Pipeline.Dispatcher.Fleet;

/// <summary>The expected free share of a VM's cores from the predicted quantiles of its peak utilisation and the probability that it is busy.</summary>
/// <remarks>
/// The distribution is taken as atoms: the probability p of being busy (0.8 and more) at 0.97; of the atoms below, by rising utilisation, as many
/// as fit into 1 - p. An upper quantile alone would be far too careful as a capacity.
/// </remarks>
public static class ExpectedFree
{
    /// <summary>Atoms of a distribution.</summary>
    public const int Atoms = 7;

    private const double BusyUtilization = .97;

    private static ReadOnlySpan<double> Weights => [.25, .25, .2, .2, .05, .05];

    /// <summary>The distribution as atoms: utilisation and probability of each, <see cref="Atoms"/> of them, the busy one first.</summary>
    public static void Distribution(in PeakForecast forecast, Span<double> used, Span<double> probability)
    {
        (double q50, double q90, double q95, _) = forecast;
        ReadOnlySpan<double> below = [.95 * q50, q50, q50 + (.25 * (q90 - q50)), q50 + (.75 * (q90 - q50)), (q90 + q95) / 2, q95];
        double busy = Math.Clamp(forecast.Busy, 0, 1), left = 1 - busy;
        (used[0], probability[0]) = (BusyUtilization, busy);
        for (int i = 0; i < below.Length; i++)
        {
            double weight = Math.Min(Weights[i], left);
            (used[i + 1], probability[i + 1]) = (below[i], weight);
            left -= weight;
        }
    }

    /// <summary>The expected free share, 0..1.</summary>
    public static double Share(in PeakForecast forecast)
    {
        Span<double> used = stackalloc double[Atoms], probability = stackalloc double[Atoms];
        Distribution(forecast, used, probability);
        double free = 0;
        for (int i = 0; i < Atoms; i++) free += probability[i] * (1 - used[i]);
        return Math.Clamp(free, 0, 1);
    }

    /// <summary>What levels and quantiles of one horizon (both rising and of the same length, at least one) say at the levels that are wanted.</summary>
    public static PeakForecast Forecast(ReadOnlySpan<float> levels, ReadOnlySpan<float> quantiles, double busy) =>
        new(At(levels, quantiles, .5), At(levels, quantiles, .9), At(levels, quantiles, .95), busy);

    // Models differ in the levels they give: the three wanted are read off between their neighbours.
    private static double At(ReadOnlySpan<float> levels, ReadOnlySpan<float> quantiles, double level)
    {
        int above = 0;
        while (above < levels.Length && levels[above] < level - 1e-6) above++;
        if (above == 0) return quantiles[0];
        if (above == levels.Length) return quantiles[^1];
        double share = (level - levels[above - 1]) / (levels[above] - levels[above - 1]);
        return quantiles[above - 1] + (Math.Min(1, share) * (quantiles[above] - quantiles[above - 1]));
    }
}
