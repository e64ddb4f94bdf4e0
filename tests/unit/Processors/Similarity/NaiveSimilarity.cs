using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Unit.Processors.Similarity;

/// <summary>The similarity graph as its definition says it, in double precision, every pair on its own.</summary>
internal static class NaiveSimilarity
{
    public readonly record struct Neighbour(int Row, double Weight);

    /// <summary>[n] all neighbours of each row that beat chance, strongest first; not cut to K.</summary>
    public static List<Neighbour>[] Of(float[] cpu, int n, int length, SimilarityOptions options)
    {
        ChanceFloor floor = new(n, options.FalseEdges);
        double[][] changes = [.. Enumerable.Range(0, n).Select(row => Changes(cpu.AsSpan(row * length, length)))];
        double[] inflation = [.. changes.Select(c => Inflation(c, options.HalfLifeSteps))];
        List<Neighbour>[] found = [.. changes.Select(_ => new List<Neighbour>())];
        for (int a = 0; a < n; a++)
        {
            for (int b = 0; b < a; b++)
            {
                (double value, int known, double samples) = Correlation(changes[a], changes[b], options.HalfLifeSteps);
                if (known < options.MinSteps - 1 || value <= floor.At(samples / Math.Max(inflation[a], inflation[b]))) continue;
                found[a].Add(new Neighbour(b, value));
                found[b].Add(new Neighbour(a, value));
            }
        }
        return [.. found.Select(list => list.OrderByDescending(f => f.Weight).ThenBy(f => f.Row).ToList())];
    }

    public static double[] Changes(ReadOnlySpan<float> cpu)
    {
        double[] changes = new double[cpu.Length - 1];
        for (int t = 1; t < cpu.Length; t++) changes[t - 1] = Math.Log(1 + (100.0 * cpu[t])) - Math.Log(1 + (100.0 * cpu[t - 1]));
        return changes;
    }

    /// <summary>Of the changes that both know, one by one in two passes.</summary>
    public static (double Value, int Known, double Samples) Correlation(double[] left, double[] right, double halfLife)
    {
        int known = 0;
        double total = 0, squares = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
        for (int t = 0; t < left.Length; t++)
        {
            if (double.IsNaN(left[t] + right[t])) continue;
            double weight = Weight(t, left.Length, halfLife);
            known++;
            total += weight;
            squares += weight * weight;
            mx += weight * left[t];
            my += weight * right[t];
        }
        for (int t = 0; t < left.Length; t++)
        {
            if (double.IsNaN(left[t] + right[t])) continue;
            double weight = Weight(t, left.Length, halfLife), x = left[t] - (mx / total), y = right[t] - (my / total);
            xx += weight * x * x;
            yy += weight * y * y;
            xy += weight * x * y;
        }
        double least = 1e-8 * total;
        return (xx <= least || yy <= least ? 0 : xy / Math.Sqrt(xx * yy), known, total * total / squares);
    }

    /// <summary>1 + 2 r^2, r the correlation of a change with the one before.</summary>
    private static double Inflation(double[] changes, double halfLife)
    {
        int[] known = [.. Enumerable.Range(0, changes.Length).Where(t => !double.IsNaN(changes[t]))];
        double total = known.Sum(t => Weight(t, changes.Length, halfLife)), mean = known.Sum(t => Weight(t, changes.Length, halfLife) * changes[t]) / total;
        double variance = known.Sum(t => Weight(t, changes.Length, halfLife) * Math.Pow(changes[t] - mean, 2)) / total;
        int[] pairs = [.. known.Where(t => t > 0 && !double.IsNaN(changes[t - 1]))];
        double covariance = pairs.Sum(t => Weight(t, changes.Length, halfLife) * (changes[t] - mean) * (changes[t - 1] - mean)) / pairs.Sum(t => Weight(t, changes.Length, halfLife));
        return 1 + (2 * Math.Pow(Math.Clamp(covariance / variance, -1, 1), 2));
    }

    private static double Weight(int change, int changes, double halfLife) => Math.Pow(.5, (changes - 1 - change) / halfLife);
}
