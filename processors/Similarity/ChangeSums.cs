using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Weighted sums over a row's known changes, in double precision. Vectors have the same width on every machine, so that sums are the same
/// to the bit.
/// </summary>
/// <param name="Known">Known changes.</param>
/// <param name="Weights">Sum of their weights.</param>
/// <param name="WeightSquares">Of the weights' squares.</param>
/// <param name="Values">Of weights times values.</param>
/// <param name="Squares">Of weights times the values' squares.</param>
internal readonly record struct ChangeSums(double Known, double Weights, double WeightSquares, double Values, double Squares)
{
    /// <summary>Rows are a multiple of this long; behind their last change they are NaN.</summary>
    public const int Lanes = 16;

    private const int Width = 4;

    // What is hot here runs once an hour: it would wait hours for the second tier of the compiler.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ChangeSums Of(ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        Vector256<double> known = default, total = default, totalSquares = default, sum = default, squares = default;
        for (int t = 0; t <= values.Length - Width; t += Width)
        {
            Vector256<double> value = Widen(values, t), there = Vector256.Equals(value, value);
            Vector256<double> weight = Widen(weights, t) & there, product = weight * (value &= there);
            known += Vector256<double>.One & there;
            total += weight;
            totalSquares += weight * weight;
            sum += product;
            squares += product * value;
        }
        return new ChangeSums(Vector256.Sum(known), Vector256.Sum(total), Vector256.Sum(totalSquares), Vector256.Sum(sum), Vector256.Sum(squares));
    }

    /// <summary>Weighted mean of the products of each change, less the mean, with the one before it; 0 where no two in a row are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double LagCovariance(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, double mean)
    {
        Vector256<double> means = Vector256.Create(mean), products = default, total = default;
        int t = 1;
        for (; t <= values.Length - Width; t += Width)
        {
            Vector256<double> product = (Widen(values, t - 1) - means) * (Widen(values, t) - means), there = Vector256.Equals(product, product);
            Vector256<double> weight = Widen(weights, t) & there;
            products += weight * (product & there);
            total += weight;
        }
        double sum = Vector256.Sum(products), weightSum = Vector256.Sum(total);
        for (; t < values.Length; t++)
        {
            double product = (values[t - 1] - mean) * (values[t] - mean);
            if (!double.IsNaN(product)) (sum, weightSum) = (sum + (weights[t] * product), weightSum + weights[t]);
        }
        return weightSum == 0 ? 0 : sum / weightSum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Widen(ReadOnlySpan<float> values, int at)
    {
        (Vector128<double> low, Vector128<double> high) = Vector128.Widen(Vector128.Create(values.Slice(at, Width)));
        return Vector256.Create(low, high);
    }
}
