namespace Pipeline.Processors.Similarity;

/// <summary>
/// The correlation that an edge has to beat: Fisher's z test (R. A. Fisher, "On the probable error of a coefficient of correlation
/// deduced from a small sample", Metron 1, 1921), one-sided, at the effective number of samples (<see cref="DifferenceRows"/>), with
/// Bonferroni's correction for the n - 1 pairs of a row.
/// </summary>
/// <remarks>
/// atanh(r) of two independent normal series of m samples is normal with standard deviation 1 / sqrt(m - 3). Changes of CPU have
/// heavier tails than that: the floor keeps out what noise gives, it does not make each edge certain.
/// </remarks>
internal sealed class ChanceFloor
{
    /// <summary>With so many samples or fewer the test has no standard deviation.</summary>
    private const double SamplesLost = 3;

    private readonly double z;

    /// <param name="rows">Rows n that are compared with each other.</param>
    /// <param name="falseEdges">Probability that a row without partners is given an edge.</param>
    public ChanceFloor(int rows, double falseEdges) => z = UpperNormalQuantile(falseEdges / Math.Max(1, rows - 1));

    /// <summary>Lowest correlation that is an edge at so many effective samples; 1 where there can be none.</summary>
    public float At(double samples) => samples <= SamplesLost ? 1 : (float)Math.Tanh(z / Math.Sqrt(samples - SamplesLost));

    /// <summary>z with P(Z > z) = p, for p below one half: bisection on the complementary error function's expansion.</summary>
    private static double UpperNormalQuantile(double p)
    {
        double low = 0, high = 40;
        while (high - low > 1e-9)
        {
            double middle = (low + high) / 2;
            if (UpperNormalTail(middle) > p) low = middle;
            else high = middle;
        }
        return low;
    }

    /// <summary>P(Z > z) for z of 0 or more: Laplace's continued fraction, for small z the power series (Abramowitz and Stegun, 26.2.14 and 26.2.11).</summary>
    private static double UpperNormalTail(double z)
    {
        double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z > 3)
        {
            double fraction = z;
            for (int i = 60; i > 0; i--) fraction = z + (i / fraction);
            return density / fraction;
        }
        double term = z, sum = z;
        for (int i = 1; term > 1e-16 * sum; i++) sum += term *= z * z / ((2 * i) + 1);
        return .5 - (density * sum);
    }
}
