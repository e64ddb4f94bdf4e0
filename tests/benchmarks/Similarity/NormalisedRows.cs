using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary>
/// What a product needs, as a user of ONNX Runtime would write it: weighted changes of log1p(CPU %) less their mean, of length 1, so that a plain product of two rows is their
/// correlation. What is missing is 0.
/// </summary>
internal static class NormalisedRows
{
    /// <summary>[n, steps - 1] from [n, steps].</summary>
    public static float[] Of(float[] cpu, int n, int steps, SimilarityOptions options)
    {
        int changes = steps - 1;
        float[] rows = new float[n * changes];
        double[] weights = [.. Enumerable.Range(0, changes).Select(t => Math.Pow(.5, (changes - 1 - t) / options.HalfLifeSteps))];
        Parallel.For(0, n, row => Fill(cpu.AsSpan(row * steps, steps), weights, rows.AsSpan(row * changes, changes)));
        return rows;
    }

    private static void Fill(ReadOnlySpan<float> cpu, double[] weights, Span<float> row)
    {
        double total = 0, sum = 0, squares = 0;
        for (int t = 0; t < row.Length; t++)
        {
            row[t] = (float)(Math.Log(1 + (100.0 * cpu[t + 1])) - Math.Log(1 + (100.0 * cpu[t])));
            if (!float.IsNaN(row[t])) (total, sum) = (total + weights[t], sum + (weights[t] * row[t]));
        }
        for (int t = 0; t < row.Length; t++)
        {
            double value = float.IsNaN(row[t]) ? 0 : Math.Sqrt(weights[t]) * (row[t] - (sum / total));
            (row[t], squares) = ((float)value, squares + (value * value));
        }
        float scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
        foreach (ref float value in row) value *= scale;
    }
}
