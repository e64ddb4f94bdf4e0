using System.Numerics.Tensors;
using Pipeline.Processors.History;

namespace Pipeline.Processors.Patterns;

/// <summary>
/// Who leads whom among neighbours: correlation of the changes of log1p(CPU %) at each lag within reach, Fisher's z (1921) with the effective
/// number of samples (Bartlett 1946), and of all pairs and lags those that Benjamini and Yekutieli's procedure (2001) believes. A pair counts
/// when its strongest lag is not 0 and beats lag 0 clearly; the same holds for its mirror image.
/// </summary>
internal sealed class LeadLagSearch(PatternOptions options)
{
    /// <summary>Lags of the autocorrelation that go into the effective number of samples.</summary>
    private const int MemoryLags = 12;

    /// <summary>Standard errors by which the best lag has to beat lag 0, whose correlation is estimated from the same samples.</summary>
    private const double BeatsZeroBy = 2;

    /// <summary>Finds them.</summary>
    /// <param name="cpu">Own CPU utilisation, NaN missing.</param>
    /// <param name="n">Rows.</param>
    /// <param name="length">Steps.</param>
    /// <param name="kinds">[n] kind and period of each row; who is idle or unknown takes no part.</param>
    /// <param name="pairs">Rows compared, lower first, each pair once.</param>
    /// <returns>In the order of the pairs.</returns>
    public List<LeadLag> Find(SeriesRows cpu, int n, int length, SeriesMeasures[] kinds, IReadOnlyList<(int Left, int Right)> pairs, ParallelOptions parallel)
    {
        if (pairs.Count == 0 || length < options.StepsMin) return [];
        ChangeRows rows = new(n, length, MemoryLags);
        Parallel.For(0, n, parallel, () => (Logs: new float[length], There: new float[length], Profile: new SeasonalProfile(length)), (row, _, scratch) =>
        {
            if (kinds[row].Kind is SeriesKind.Idle or SeriesKind.Unknown) rows.Skip(row);
            else rows.Fill(row, cpu(row), kinds[row].PeriodSteps, scratch.Logs, scratch.There, scratch.Profile, options.StepsMin - 1);
            return scratch;
        }, _ => { });
        LeadLag?[] best = new LeadLag?[pairs.Count];
        int[] tests = new int[pairs.Count];
        Parallel.For(0, pairs.Count, parallel, i => best[i] = Compare(rows, pairs[i].Left, pairs[i].Right, out tests[i]));
        // Only the best lag of a pair may be believed, but each lag was a test.
        double[] sorted = [.. best.Where(b => b is not null).Select(b => b!.Value.PValue).Order()];
        double threshold = FalseDiscovery.Threshold(sorted, tests.Sum(t => (long)t), options.FalseDiscoveryRate, dependent: true);
        return [.. best.Where(b => b is not null && b.Value.PValue <= threshold).Select(b => b!.Value)];
    }

    private LeadLag? Compare(ChangeRows rows, int left, int right, out int tests)
    {
        tests = 0;
        if (rows.IsFlat(left) || rows.IsFlat(right)) return null;
        double inflation = rows.Inflation(left, right), strongest = 0, atZero = 0, samples = 0;
        int lag = 0;
        for (int k = -options.LagMax; k <= options.LagMax; k++)
        {
            (double r, double m) = At(rows, left, right, k);
            m /= inflation;
            if (m <= 4) continue;
            tests++;
            if (k == 0) atZero = Math.Abs(r);
            // Of equals the shorter lag, then the lower row as leader.
            double gain = Math.Abs(r) - Math.Abs(strongest);
            if (gain > 1e-6 || (gain > -1e-6 && (Math.Abs(k) < Math.Abs(lag) || k == -lag))) (strongest, samples, lag) = (r, m, k);
        }
        if (lag == 0 || Math.Abs(strongest) < options.LeadCorrelationMin) return null;
        double scale = Math.Sqrt(samples - 3), z = Math.Atanh(Math.Min(.999999, Math.Abs(strongest)));
        if ((z - Math.Atanh(Math.Min(.999999, atZero))) * scale < BeatsZeroBy) return null;
        (int leader, int follower) = lag > 0 ? (left, right) : (right, left);
        return new LeadLag(leader, follower, Math.Abs(lag), (float)strongest, Probability.TwoSidedNormal(z * scale));
    }

    /// <summary>Correlation of what the left row does with what the right one does so many steps later (earlier, where negative), and the number of changes that both know.</summary>
    private static (double Correlation, double Pairs) At(ChangeRows rows, int left, int right, int lag)
    {
        int overlap = rows.Steps - Math.Abs(lag), x0 = Math.Max(0, -lag), y0 = Math.Max(0, lag);
        if (overlap <= 0) return (0, 0);
        ReadOnlySpan<float> x = rows.Values(left).Slice(x0, overlap), y = rows.Values(right).Slice(y0, overlap);
        double pairs = overlap;
        if (rows.HasGaps(left) || rows.HasGaps(right)) pairs = rows.KnownTogether(left, x0, right, y0, overlap);
        return pairs <= 0 ? (0, 0) : (Math.Clamp(TensorPrimitives.Dot(x, y) / pairs, -1, 1), pairs);
    }
}
