using System.Numerics;

namespace Pipeline.Processors.Similarity;

/// <summary>Correlation of two rows over the changes that both know, with the weights' effective number of them.</summary>
/// <param name="Value">-1 to 1; 0 where one of them is constant.</param>
/// <param name="Known">Changes that both know.</param>
/// <param name="Samples">Their effective number.</param>
internal readonly record struct PairCorrelation(float Value, int Known, double Samples)
{
    public static PairCorrelation Of(DifferenceRows rows, int left, int right)
    {
        Vector<float> one = Vector<float>.One, count = default, total = default, squares = default;
        Vector<float> sumX = default, sumY = default, sumXX = default, sumYY = default, sumXY = default;
        int x0 = left * rows.Stride, y0 = right * rows.Stride;
        for (int t = 0; t < rows.Stride; t += Vector<float>.Count)
        {
            Vector<float> x = new(rows.Values, x0 + t), y = new(rows.Values, y0 + t);
            Vector<float> both = Vector.AsVectorSingle(Vector.Equals(x, x) & Vector.Equals(y, y));
            Vector<float> weight = new Vector<float>(rows.Weights, t) & both, wx = weight * (x & both), wy = weight * (y & both);
            (x, y) = (x & both, y & both);
            count += one & both;
            total += weight;
            squares = Vector.FusedMultiplyAdd(weight, weight, squares);
            (sumX, sumY) = (sumX + wx, sumY + wy);
            sumXX = Vector.FusedMultiplyAdd(wx, x, sumXX);
            sumYY = Vector.FusedMultiplyAdd(wy, y, sumYY);
            sumXY = Vector.FusedMultiplyAdd(wx, y, sumXY);
        }
        double w = Vector.Sum(total), mx = Vector.Sum(sumX), my = Vector.Sum(sumY);
        if (w == 0) return default;
        double xx = Vector.Sum(sumXX) - (mx * mx / w), yy = Vector.Sum(sumYY) - (my * my / w), xy = Vector.Sum(sumXY) - (mx * my / w);
        double spreadMin = DifferenceRows.SpreadMin * DifferenceRows.SpreadMin * w;
        float value = xx <= spreadMin || yy <= spreadMin ? 0 : (float)Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
        return new PairCorrelation(value, (int)Vector.Sum(count), w * w / Vector.Sum(squares));
    }
}
