using System.Numerics;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Correlation of VMs' changes in CPU: of first differences of log1p(CPU %) with exponentially decaying weights; the K strongest
/// positive ones of each VM, as far as they beat chance. A missing difference counts as no change from the mean, so correlations of VMs
/// with gaps are too low rather than too high.
/// </summary>
public static class SimilarityGraph
{
    /// <summary>Rows of a tile: 64 rows of 864 floats stay in a 256 KiB cache.</summary>
    private const int Tile = 64;

    /// <summary>A VM whose changes are all smaller than this (standard deviation, log1p of percent) does nothing that could be shared.</summary>
    private const double SpreadMin = 1e-4;

    /// <summary>Finds the neighbours.</summary>
    /// <param name="cpu">[n, length] own CPU utilisation 0..1, newest step last, NaN missing.</param>
    /// <param name="n">Rows.</param>
    /// <param name="length">Steps.</param>
    /// <param name="options">See <see cref="SimilarityOptions"/>.</param>
    public static NeighbourList Build(float[] cpu, int n, int length, SimilarityOptions options)
    {
        int width = Math.Max(1, (length - 1 + Vector<float>.Count - 1) / Vector<float>.Count) * Vector<float>.Count;
        float[] rows = new float[(long)n * width];
        double[] weights = Weights(length - 1, options.HalfLifeSteps);
        Parallel.For(0, n, i => Normalise(cpu.AsSpan(i * length, length), weights, options.MinSteps, rows.AsSpan(i * width, width)));
        float floor = ChanceFloor(weights, n, options.FalseEdges);
        NeighbourList list = new(n, options.K, new int[n * options.K], new float[n * options.K]);
        Parallel.For(0, (n + Tile - 1) / Tile, tile => TopOfTile(rows, n, width, tile * Tile, floor, list));
        return list;
    }

    /// <summary>
    /// The correlation that two VMs without anything in common stay below, with the chance of an edge from a VM to any other held at
    /// <paramref name="falseEdges"/>: Fisher's z (R. A. Fisher, 1921) at the effective number of samples of the decaying weights
    /// (L. Kish, 1965), one-sided, with Bonferroni's correction for n - 1 pairs.
    /// </summary>
    public static float ChanceFloor(double[] weights, int n, double falseEdges)
    {
        double sum = 0, squares = 0;
        foreach (double w in weights)
        {
            sum += w;
            squares += w * w;
        }
        double effective = squares == 0 ? 0 : sum * sum / squares;
        return effective <= 4 ? 1 : (float)Math.Tanh(UpperNormalQuantile(falseEdges / Math.Max(1, n - 1)) / Math.Sqrt(effective - 3));
    }

    private static double[] Weights(int count, double halfLife)
    {
        double[] weights = new double[Math.Max(0, count)];
        for (int i = 0; i < weights.Length; i++) weights[i] = Math.Pow(.5, (weights.Length - 1 - i) / halfLife);
        return weights;
    }

    /// <summary>Differences less their weighted mean, times the root of their weight, of length 1; all 0 where there is nothing to compare.</summary>
    private static void Normalise(ReadOnlySpan<float> cpu, double[] weights, int minSteps, Span<float> into)
    {
        double sum = 0, total = 0;
        int known = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            float difference = MathF.Log(1 + (100 * cpu[i + 1])) - MathF.Log(1 + (100 * cpu[i]));
            into[i] = difference;
            if (float.IsNaN(difference)) continue;
            known++;
            sum += weights[i] * difference;
            total += weights[i];
        }
        double mean = known == 0 ? 0 : sum / total, squares = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double value = float.IsNaN(into[i]) ? 0 : Math.Sqrt(weights[i]) * (into[i] - mean);
            into[i] = (float)value;
            squares += value * value;
        }
        float scale = known < minSteps - 1 || squares <= SpreadMin * SpreadMin * total ? 0 : (float)(1 / Math.Sqrt(squares));
        for (int i = 0; i < weights.Length; i++) into[i] *= scale;
    }

    private static void TopOfTile(float[] rows, int n, int width, int first, float floor, NeighbourList list)
    {
        int last = Math.Min(n, first + Tile), k = list.K;
        list.Index.AsSpan(first * k, (last - first) * k).Fill(-1);
        Span<float> products = stackalloc float[4];
        for (int other = 0; other < n; other += Tile)
        {
            int end = Math.Min(n, other + Tile);
            for (int i = first; i < last; i++)
            {
                for (int j = other; j < end; j += 4)
                {
                    int count = Math.Min(4, end - j);
                    if (count == 4) Dot4(rows, i * width, j * width, width, products);
                    else for (int c = 0; c < count; c++) products[c] = Dot(rows, i * width, (j + c) * width, width);
                    for (int c = 0; c < count; c++)
                        if (products[c] > floor && j + c != i) Insert(list, i, j + c, products[c]);
                }
            }
        }
    }

    /// <summary>Keeps the K strongest of a row, sorted; of equals the lower row number, since rows come in their order.</summary>
    private static void Insert(NeighbourList list, int row, int neighbour, float weight)
    {
        Span<float> weights = list.Weight.AsSpan(row * list.K, list.K);
        if (weight <= weights[^1]) return;
        Span<int> indices = list.Index.AsSpan(row * list.K, list.K);
        int at = list.K - 1;
        for (; at > 0 && weights[at - 1] < weight; at--)
        {
            weights[at] = weights[at - 1];
            indices[at] = indices[at - 1];
        }
        weights[at] = Math.Min(1, weight);
        indices[at] = neighbour;
    }

    private static float Dot(float[] rows, int a, int b, int width)
    {
        Vector<float> sum = Vector<float>.Zero;
        for (int t = 0; t < width; t += Vector<float>.Count) sum = Vector.FusedMultiplyAdd(new Vector<float>(rows, a + t), new Vector<float>(rows, b + t), sum);
        return Vector.Sum(sum);
    }

    /// <summary>Four products at a time: one load of the first row serves all, and four sums hide the latency of the additions.</summary>
    private static void Dot4(float[] rows, int a, int b, int width, Span<float> into)
    {
        Vector<float> s0 = Vector<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (int t = 0; t < width; t += Vector<float>.Count)
        {
            Vector<float> x = new(rows, a + t);
            s0 = Vector.FusedMultiplyAdd(x, new Vector<float>(rows, b + t), s0);
            s1 = Vector.FusedMultiplyAdd(x, new Vector<float>(rows, b + width + t), s1);
            s2 = Vector.FusedMultiplyAdd(x, new Vector<float>(rows, b + (2 * width) + t), s2);
            s3 = Vector.FusedMultiplyAdd(x, new Vector<float>(rows, b + (3 * width) + t), s3);
        }
        into[0] = Vector.Sum(s0);
        into[1] = Vector.Sum(s1);
        into[2] = Vector.Sum(s2);
        into[3] = Vector.Sum(s3);
    }

    /// <summary>z with P(Z > z) = p for small p; P. J. Acklam's rational approximation, relative error below 1.2e-9.</summary>
    private static double UpperNormalQuantile(double p)
    {
        double q = Math.Sqrt(-2 * Math.Log(Math.Min(p, .02425)));
        return -((((((((((-7.784894002430293e-03 * q) - 3.223964580411365e-01) * q) - 2.400758277161838) * q) - 2.549732539343734) * q) + 4.374664141464968) * q) + 2.938163982698783)
            / ((((((((7.784695709041462e-03 * q) + 3.224671290700398e-01) * q) + 2.445134137142996) * q) + 3.754408661907416) * q) + 1);
    }
}
