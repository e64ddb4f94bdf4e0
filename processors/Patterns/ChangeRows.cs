using System.Numerics;
using System.Numerics.Tensors;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// First differences of log1p(CPU %) of some rows, standardised: mean 0 and variance 1 over the known changes, 0 where missing. Values beyond
/// four standard deviations are pulled in, so that one coincidence of two rare jumps is not a correlation.
/// </summary>
internal sealed class ChangeRows
{
    private const float ClipDeviations = 4, SpreadMin = .005f;

    private readonly float[] values;
    private readonly ulong[] known;
    private readonly int words;
    private readonly int steps;
    private readonly int memoryLags;
    private readonly float[] memory;
    private readonly bool[] flat;
    private readonly bool[] gaps;

    /// <param name="n">Rows.</param>
    /// <param name="length">Steps of a series.</param>
    /// <param name="memoryLags">Lags of the rows' own autocorrelations that are kept.</param>
    public ChangeRows(int n, int length, int memoryLags)
    {
        (steps, this.memoryLags) = (Math.Max(0, length - 1), memoryLags);
        values = new float[(long)n * steps];
        // One word more than there are: reading across a word's end needs the next one.
        words = (steps / 64) + 2;
        known = new ulong[n * words];
        memory = new float[n * memoryLags];
        (flat, gaps) = (new bool[n], new bool[n]);
    }

    public int Steps => steps;

    /// <summary>Nothing changes in it, or too little is known.</summary>
    public bool IsFlat(int row) => flat[row];

    public bool HasGaps(int row) => gaps[row];

    /// <summary>Leaves a row out.</summary>
    public void Skip(int row) => flat[row] = true;

    public ReadOnlySpan<float> Values(int row) => values.AsSpan(row * steps, steps);

    /// <summary>How many changes two rows both know, from one place of each on.</summary>
    public int KnownTogether(int left, int leftFirst, int right, int rightFirst, int length)
    {
        int count = 0;
        for (int t = 0; t < length; t += 64)
        {
            ulong both = Bits(left, leftFirst + t) & Bits(right, rightFirst + t);
            if (length - t < 64) both &= (1ul << (length - t)) - 1;
            count += BitOperations.PopCount(both);
        }
        return count;
    }

    /// <summary>Takes a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="cpu">Own CPU utilisation; NaN: missing.</param>
    /// <param name="period">Its period in steps, whose mean cycle is taken out: two jobs that run every hour do not lead each other. 0: none.</param>
    /// <param name="logs">As long as the series.</param>
    /// <param name="there">Likewise.</param>
    /// <param name="profile">Scratch.</param>
    /// <param name="knownMin">With fewer known changes a row is left out.</param>
    public void Fill(int row, ReadOnlySpan<float> cpu, double period, Span<float> logs, Span<float> there, SeasonalProfile profile, int knownMin)
    {
        Span<float> v = values.AsSpan(row * steps, steps), k = there[..steps];
        TensorPrimitives.Multiply(cpu, 100, logs);
        TensorPrimitives.Max(logs, 0, logs);
        TensorPrimitives.LogP1<float>(logs, logs);
        int n = 0;
        for (int t = 0; t < steps; t++)
        {
            float change = logs[t + 1] - logs[t];
            bool finite = float.IsFinite(change);
            (v[t], k[t]) = finite ? (change, 1f) : (0f, 0f);
            if (!finite) continue;
            known[(row * words) + (t / 64)] |= 1ul << (t % 64);
            n++;
        }
        if (period > 0)
        {
            profile.Fit(v, k, period, worth: 1);
            for (int t = 0; t < steps; t++) v[t] -= profile.At(t) * k[t];
        }
        gaps[row] = n < steps;
        flat[row] = n < knownMin || !Standardise(v, k, n);
        if (flat[row]) return;
        TensorPrimitives.Max(v, -ClipDeviations, v);
        TensorPrimitives.Min(v, ClipDeviations, v);
        flat[row] = !Standardise(v, k, n);
        for (int lag = 1; lag <= memoryLags && lag < steps; lag++)
            memory[(row * memoryLags) + lag - 1] = TensorPrimitives.Dot<float>(v[lag..], v[..^lag]) / n;
    }

    /// <summary>Factor by which fewer samples a pair counts for: 1 + 2 sum of the products of both autocorrelations (Bartlett 1946).</summary>
    public double Inflation(int left, int right)
        => Math.Max(1, 1 + (2 * TensorPrimitives.Dot<float>(memory.AsSpan(left * memoryLags, memoryLags), memory.AsSpan(right * memoryLags, memoryLags))));

    /// <summary>64 steps from one on, its own in the lowest bit.</summary>
    private ulong Bits(int row, int first)
    {
        int word = (row * words) + (first / 64), shift = first % 64;
        return shift == 0 ? known[word] : (known[word] >> shift) | (known[word + 1] << (64 - shift));
    }

    private static bool Standardise(Span<float> v, ReadOnlySpan<float> k, int n)
    {
        float mean = TensorPrimitives.Sum<float>(v) / n;
        for (int t = 0; t < v.Length; t++) v[t] = (v[t] - mean) * k[t];
        float spread = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(v) / n);
        if (spread < SpreadMin) return false;
        TensorPrimitives.Divide(v, spread, v);
        return true;
    }
}
