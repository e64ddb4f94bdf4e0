namespace Pipeline.Processors.Patterns;

/// <summary>Tails of distributions.</summary>
internal static class Probability
{
    /// <summary>P(|Z| > z) of a standard normal Z: Laplace's continued fraction, for small z the power series (Abramowitz and Stegun, 26.2.14 and 26.2.11).</summary>
    public static double TwoSidedNormal(double z)
    {
        z = Math.Abs(z);
        double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z > 3)
        {
            double fraction = z;
            for (int i = 60; i > 0; i--) fraction = z + (i / fraction);
            return 2 * density / fraction;
        }
        double term = z, sum = z;
        for (int i = 1; term > 1e-16 * sum; i++) sum += term *= z * z / ((2 * i) + 1);
        return Math.Max(0, 1 - (2 * density * sum));
    }

    /// <summary>P(X >= hits) of a binomial X.</summary>
    public static double BinomialAtLeast(int hits, int trials, double p) => hits <= 0 ? 1 : Math.Min(1, BinomialSum(hits, trials, trials, p));

    /// <summary>P(X at most hits) of a binomial X.</summary>
    public static double BinomialAtMost(int hits, int trials, double p) => Math.Min(1, BinomialSum(0, hits, trials, p));

    private static double BinomialSum(int from, int to, int trials, double p)
    {
        if (p <= 0) return from == 0 ? 1 : 0;
        if (p >= 1) return to >= trials ? 1 : 0;
        // Logarithm of the term at 0, then from term to term.
        double log = trials * Math.Log(1 - p), odds = Math.Log(p / (1 - p)), sum = 0;
        for (int k = 0; k <= to; k++)
        {
            if (k >= from) sum += Math.Exp(log);
            if (k < trials) log += odds + Math.Log((double)(trials - k) / (k + 1));
        }
        return sum;
    }
}
