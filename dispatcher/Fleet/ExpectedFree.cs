namespace Pipeline.Dispatcher.Fleet;

/// <summary>The expected free share of a VM's cores from the predicted quantiles of its peak utilisation and the probability that it is busy.</summary>
/// <remarks>
/// The distribution is taken as atoms: the probability p of being busy (0.8 and more) at 0.97; of the atoms below, by rising utilisation, as many
/// as fit into 1 - p. An upper quantile alone would be far too careful as a capacity.
/// </remarks>
public static class ExpectedFree
{
    private const double BusyUtilization = .97;

    private static ReadOnlySpan<double> Weights => [.25, .25, .2, .2, .05, .05];

    /// <summary>From levels and quantiles of one horizon, both rising and of the same length, at least one; and the probability of being busy.</summary>
    public static double Share(ReadOnlySpan<float> levels, ReadOnlySpan<float> quantiles, double busy)
    {
        double q50 = At(levels, quantiles, .5), q90 = At(levels, quantiles, .9), q95 = At(levels, quantiles, .95);
        return Share(q50, q90, q95, busy);
    }

    /// <summary>From the quantiles at .5, .9 and .95 and the probability of being busy, all 0..1.</summary>
    public static double Share(double q50, double q90, double q95, double busy)
    {
        busy = Math.Clamp(busy, 0, 1);
        ReadOnlySpan<double> atoms = [.95 * q50, q50, q50 + (.25 * (q90 - q50)), q50 + (.75 * (q90 - q50)), (q90 + q95) / 2, q95];
        double free = busy * (1 - BusyUtilization), left = 1 - busy;
        for (int i = 0; i < atoms.Length && left > 0; i++)
        {
            double weight = Math.Min(Weights[i], left);
            free += weight * (1 - atoms[i]);
            left -= weight;
        }
        return Math.Clamp(free, 0, 1);
    }

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
