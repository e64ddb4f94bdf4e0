namespace Pipeline.Processors.Patterns;

/// <summary>
/// Which of many tests to believe, so that of those believed a given share is false on average: Y. Benjamini, Y. Hochberg, "Controlling the
/// false discovery rate", 1995, or, for tests that depend on each other in any way, Y. Benjamini, D. Yekutieli, 2001.
/// </summary>
internal static class FalseDiscovery
{
    /// <summary>The largest p value that is believed; -1: none.</summary>
    /// <param name="sorted">The smallest p values, ascending: at least all those that are no larger than the rate.</param>
    /// <param name="tests">Number of all tests.</param>
    /// <param name="rate">Share of false ones, 0..1.</param>
    /// <param name="dependent">Whether to divide the rate by 1 + 1/2 + ... + 1/tests.</param>
    public static double Threshold(ReadOnlySpan<double> sorted, long tests, double rate, bool dependent)
    {
        if (tests <= 0) return -1;
        // ln(m) + gamma + 1/2m is the harmonic number to .1/m^2.
        if (dependent) rate /= Math.Max(1, Math.Log(tests) + .5772156649 + (.5 / tests));
        for (int i = sorted.Length - 1; i >= 0; i--)
            if (sorted[i] <= rate * (i + 1) / tests) return sorted[i];
        return -1;
    }
}
