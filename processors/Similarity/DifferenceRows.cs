using System.Numerics;
using System.Numerics.Tensors;

namespace Pipeline.Processors.Similarity;

/// <summary>Changes of each row's CPU from step to step, in log1p of percent, and the decaying weights of the changes.</summary>
internal sealed class DifferenceRows
{
    /// <summary>
    /// A row whose changes have a smaller standard deviation is constant: even for an idle VM (1 % of its cores) .0001 in log1p of
    /// percent is .0002 percentage points, below what an agent measures.
    /// </summary>
    public const double SpreadMin = 1e-4;

    private readonly int[] known;

    /// <param name="cpu">[rows, length] utilisation 0..1, newest step last, NaN missing.</param>
    /// <param name="rows">N.</param>
    /// <param name="length">Steps, 2 or more.</param>
    /// <param name="halfLife">Steps.</param>
    public DifferenceRows(ReadOnlySpan<float> cpu, int rows, int length, double halfLife)
    {
        (Rows, Count) = (rows, length - 1);
        Stride = (Count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        Weights = new float[Stride];
        for (int t = 0; t < Count; t++) Weights[t] = (float)Math.Pow(.5, (Count - 1 - t) / halfLife);
        Values = new float[(long)rows * Stride];
        (known, Mean, Scale) = (new int[rows], new float[rows], new float[rows]);
        (Samples, Inflation) = (new double[rows], new double[rows]);
        float[] logs = new float[length];
        for (int row = 0; row < rows; row++)
        {
            TensorPrimitives.Multiply(cpu.Slice(row * length, length), 100, logs);
            TensorPrimitives.LogP1<float>(logs, logs);
            Span<float> values = Values.AsSpan(row * Stride, Stride);
            TensorPrimitives.Subtract(logs.AsSpan(1), logs.AsSpan(0, Count), values);
            values[Count..].Fill(float.NaN);
        }
    }

    public int Rows { get; }

    /// <summary>Changes per row.</summary>
    public int Count { get; }

    /// <summary>From one row to the next in <see cref="Values"/>: <see cref="Count"/> rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>[rows, Stride], newest last; NaN where a step is missing and behind the last.</summary>
    public float[] Values { get; }

    /// <summary>[Stride] 1 for the newest change; 0 behind it.</summary>
    public float[] Weights { get; }

    /// <summary>[rows] weighted mean of the known changes.</summary>
    public float[] Mean { get; }

    /// <summary>[rows] factor that gives the weighted row, less its mean, length 1; 0 for rows that cannot have edges.</summary>
    public float[] Scale { get; }

    /// <summary>[rows] effective number of known changes by their weights (L. Kish, "Survey Sampling", 1965).</summary>
    public double[] Samples { get; }

    /// <summary>
    /// [rows] factor by which a row's own rhythm takes from its samples: 1 + 2 r^2 with the correlation r of a change with the next
    /// (M. S. Bartlett, "On the theoretical specification and sampling properties of autocorrelated time-series", 1946; one lag).
    /// Changes of a level that is noise have r = -.5: one that goes up comes down again.
    /// </summary>
    public double[] Inflation { get; }

    public bool HasGaps(int row) => known[row] < Count;

    /// <summary>Finds mean, scale and samples of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="knownMin">A row with fewer known changes cannot have edges.</param>
    public void Measure(int row, int knownMin)
    {
        ReadOnlySpan<float> values = Values.AsSpan(row * Stride, Count);
        double total = 0, squares = 0, sum = 0, sumOfSquares = 0;
        int count = 0;
        for (int t = 0; t < values.Length; t++)
        {
            double value = values[t], weight = Weights[t];
            if (double.IsNaN(value)) continue;
            count++;
            total += weight;
            squares += weight * weight;
            sum += weight * value;
            sumOfSquares += weight * value * value;
        }
        known[row] = count;
        if (count < knownMin) return;
        double mean = sum / total, spread = sumOfSquares - (mean * sum);
        (Mean[row], Samples[row]) = ((float)mean, total * total / squares);
        if (spread <= SpreadMin * SpreadMin * total) return;
        Scale[row] = (float)(1 / Math.Sqrt(spread));
        Inflation[row] = InflationOf(values, mean, spread / total);
    }

    private double InflationOf(ReadOnlySpan<float> values, double mean, double variance)
    {
        double products = 0, total = 0;
        for (int t = 1; t < values.Length; t++)
        {
            double product = (values[t - 1] - mean) * (values[t] - mean);
            if (double.IsNaN(product)) continue;
            products += Weights[t] * product;
            total += Weights[t];
        }
        double correlation = total == 0 ? 0 : Math.Clamp(products / (total * variance), -1, 1);
        return 1 + (2 * correlation * correlation);
    }
}
