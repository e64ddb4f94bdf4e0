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

    /// <param name="rows">N.</param>
    /// <param name="length">Steps, 2 or more.</param>
    /// <param name="halfLife">Steps.</param>
    public DifferenceRows(int rows, int length, double halfLife)
    {
        (Rows, Count) = (rows, length - 1);
        Stride = (Count + ChangeSums.Lanes - 1) / ChangeSums.Lanes * ChangeSums.Lanes;
        Weights = new float[Stride];
        for (int t = 0; t < Count; t++) Weights[t] = (float)Math.Pow(.5, (Count - 1 - t) / halfLife);
        Values = GC.AllocateUninitializedArray<float>(checked(rows * Stride));
        TotalWeight = Weights.Sum();
        (known, Mean, Scale) = (new int[rows], new float[rows], new float[rows]);
        (KnownWeight, Samples, Inflation) = (new float[rows], new double[rows], new double[rows]);
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

    /// <summary>Sum of the weights.</summary>
    public float TotalWeight { get; }

    /// <summary>[rows] sum of the weights of the known changes.</summary>
    public float[] KnownWeight { get; }

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

    /// <summary>Takes a row and finds its mean, scale and samples.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cpu">[length] utilisation 0..1, newest step last, NaN missing.</param>
    /// <param name="logs">[length] scratch.</param>
    /// <param name="knownMin">A row with fewer known changes cannot have edges.</param>
    public void Fill(int row, ReadOnlySpan<float> cpu, Span<float> logs, int knownMin)
    {
        TensorPrimitives.Multiply(cpu, 100, logs);
        TensorPrimitives.LogP1<float>(logs, logs);
        Span<float> values = Values.AsSpan(row * Stride, Stride);
        TensorPrimitives.Subtract(logs[1..], logs[..Count], values);
        values[Count..].Fill(float.NaN);
        Measure(row, values, knownMin);
    }

    private void Measure(int row, ReadOnlySpan<float> values, int knownMin)
    {
        ChangeSums sums = ChangeSums.Of(values, Weights);
        known[row] = (int)sums.Known;
        if (known[row] < knownMin) return;
        double mean = sums.Values / sums.Weights, spread = sums.Squares - (mean * sums.Values);
        (Mean[row], KnownWeight[row], Samples[row]) = ((float)mean, (float)sums.Weights, sums.Weights * sums.Weights / sums.WeightSquares);
        if (spread <= SpreadMin * SpreadMin * sums.Weights) return;
        Scale[row] = (float)(1 / Math.Sqrt(spread));
        double correlation = Math.Clamp(ChangeSums.LagCovariance(values, Weights, mean) * sums.Weights / spread, -1, 1);
        Inflation[row] = 1 + (2 * correlation * correlation);
    }
}
