using Pipeline.Processors.History;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Who behaves like whom: correlation of first differences of log1p(CPU %) with exponentially decaying weights; the K strongest positive
/// ones of each row, as far as they beat chance (<see cref="ChanceFloor"/>). Missing steps are handled pairwise: see this folder's README.
/// </summary>
public static class SimilarityGraph
{
    /// <summary>
    /// Where there are gaps rows are first ranked by an estimate; so many times K are kept, compared exactly, and cut to K. Twice K finds
    /// 99.7 % of the true neighbours with 1 % of the steps missing and 97 % with 10 %; one and a half times 99.0 % and 92 %.
    /// </summary>
    private const int CandidatesPerNeighbour = 2;

    /// <summary>
    /// The same where candidates are looked for in sketches: of 100,000 rows about 150 without anything in common are estimated as high as an
    /// edge of .3 that is estimated low, and groups of 100 VMs that all do the same have to find room, too.
    /// </summary>
    private const int SketchedPerNeighbour = 12;

    /// <summary>Finds the neighbours.</summary>
    /// <param name="cpu">[n, length] own CPU utilisation 0..1, newest step last, NaN missing.</param>
    /// <param name="n">Rows.</param>
    /// <param name="length">Steps.</param>
    /// <param name="options">See <see cref="SimilarityOptions"/>.</param>
    /// <exception cref="ArgumentException">The values are not [n, length].</exception>
    public static NeighbourList Build(float[] cpu, int n, int length, SimilarityOptions options)
    {
        if (cpu.Length != (long)n * length) throw new ArgumentException($"{cpu.Length} values for {n} rows of {length} steps", nameof(cpu));
        return Build(row => cpu.AsSpan(row * length, length), n, length, options);
    }

    /// <summary>As above, of rows that stand wherever they do: no copy of them is made.</summary>
    public static NeighbourList Build(SeriesRows cpu, int n, int length, SimilarityOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.K);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.HalfLifeSteps);
        NeighbourList list = new(n, options.K, new int[n * options.K], new float[n * options.K]);
        list.Index.AsSpan().Fill(-1);
        if (n < 2 || length < Math.Max(3, options.MinSteps)) return list;

        DifferenceRows rows = new(n, length, options.HalfLifeSteps);
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount };
        Parallel.For(0, n, parallel, () => new float[length], (row, _, logs) =>
        {
            rows.Fill(row, cpu(row), logs, options.MinSteps - 1);
            return logs;
        }, _ => { });
        RowPanels panels = new(rows);
        Parallel.For(0, panels.Count, parallel, panels.Fill);
        ChanceFloor floor = new(n, options.FalseEdges);
        SketchPanels? sketches = n > options.ExactRowsMax && SketchPanels.Shortens(panels.Steps) ? new SketchPanels(panels, panels.LongPanels, parallel) : null;
        int capacity = options.K * (sketches is null ? CandidatesPerNeighbour : SketchedPerNeighbour);
        TopNeighbours found = new PairSearch(rows, panels, sketches, floor, options).Run(capacity, parallel);
        Parallel.For(0, panels.Row.Length, parallel, place => Settle(rows, panels, place, floor, options, found, sketches is not null, list));
        return list;
    }

    /// <summary>Replaces estimates by exact correlations and keeps the K strongest.</summary>
    private static void Settle(DifferenceRows rows, RowPanels panels, int place, ChanceFloor floor, SimilarityOptions options, TopNeighbours found, bool estimates, NeighbourList list)
    {
        int row = panels.Row[place];
        if (row < 0) return;
        ReadOnlySpan<int> candidates = found.Rows(place);
        TopNeighbours exact = new([0], options.K);
        for (int i = 0; i < candidates.Length && candidates[i] >= 0; i++)
        {
            int other = candidates[i];
            float weight = found.Weights(place)[i];
            if (estimates || rows.HasGaps(row) || rows.HasGaps(other))
            {
                PairCorrelation pair = PairCorrelation.Of(rows, row, other);
                if (pair.Known < options.MinSteps - 1 || pair.Value <= floor.At(pair.Samples / Math.Max(rows.Inflation[row], rows.Inflation[other]))) continue;
                weight = pair.Value;
            }
            exact.Offer(0, other, weight);
        }
        exact.Rows(0).CopyTo(list.Index.AsSpan(row * list.K));
        exact.Weights(0).CopyTo(list.Weight.AsSpan(row * list.K));
    }
}
