using System.Numerics;
using System.Runtime.Intrinsics;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Compares all pairs of rows tile by tile and keeps the best of each row at once: products never leave the cache, and each pair is
/// computed once for both its rows.
/// </summary>
internal sealed class PairSearch
{
    /// <summary>Panels of a block: 4 x 32 rows of 864 floats are 432 KiB, which stay in the second-level cache while other panels pass by.</summary>
    private const int BlockPanels = 4;

    /// <summary>Of what beats chance 98 % are estimated higher than so far below.</summary>
    private const float DeviationsBelow = 2;

    private const int Panel = TileKernel.Panel, TileSize = Panel * Panel;

    private readonly RowPanels panels;
    private readonly SketchPanels? sketches;
    private readonly int knownMin;
    private readonly float[] floors;
    private readonly float[] floorOfKnown;
    private readonly Lock[] locks;

    /// <param name="rows">The rows.</param>
    /// <param name="panels">The same in panels.</param>
    /// <param name="sketches">Where pairs of the first panels are to be estimated; null: all pairs are compared step by step.</param>
    /// <param name="floor">What chance gives.</param>
    /// <param name="options">See <see cref="SimilarityOptions"/>.</param>
    public PairSearch(DifferenceRows rows, RowPanels panels, SketchPanels? sketches, ChanceFloor floor, SimilarityOptions options)
    {
        (this.panels, this.sketches) = (panels, sketches);
        knownMin = options.MinSteps - 1;
        // An estimate may be that much too low.
        float margin = sketches is null ? 0 : DeviationsBelow * SketchPanels.Deviation;
        floors = [.. panels.Row.Select(row => row < 0 ? 1 : floor.At(rows.Samples[row] / rows.Inflation[row]) - margin)];
        floorOfKnown = [.. Enumerable.Range(0, rows.Count + 1).Select(known => floor.At(known))];
        locks = [.. Enumerable.Range(0, panels.Count).Select(_ => new Lock())];
    }

    public TopNeighbours Run(int capacity, ParallelOptions parallel)
    {
        TopNeighbours found = new(floors, capacity);
        int blocks = (panels.Count + BlockPanels - 1) / BlockPanels;
        (int Left, int Right)[] pairs = [.. from left in Enumerable.Range(0, blocks) from right in Enumerable.Range(left, blocks - left) select (left, right)];
        Parallel.For(0, pairs.Length, parallel, i => CompareBlocks(pairs[i].Left, pairs[i].Right, found));
        return found;
    }

    private void CompareBlocks(int leftBlock, int rightBlock, TopNeighbours found)
    {
        Span<float> tile = stackalloc float[TileSize], known = stackalloc float[TileSize];
        int leftEnd = Math.Min(panels.Count, (leftBlock + 1) * BlockPanels), rightEnd = Math.Min(panels.Count, (rightBlock + 1) * BlockPanels);
        for (int right = rightBlock * BlockPanels; right < rightEnd; right++)
        {
            for (int left = leftBlock * BlockPanels; left < leftEnd && left <= right; left++)
            {
                bool sketched = right < (sketches?.Count ?? 0), gaps = !sketched && right >= panels.WholePanels;
                if (sketched) TileKernel.Multiply(sketches!.Values(left), sketches.Values(right), SketchPanels.Dimensions, tile);
                else TileKernel.Multiply(panels.Values(left), panels.Values(right), panels.Steps, tile);
                if (gaps) AllowForGaps(left, right, tile, known);
                lock (locks[left])
                    lock (locks[right]) Offer(left, right, tile, gaps ? known : default, found);
            }
        }
    }

    /// <summary>
    /// A product counts only the steps that both rows know, but each row's length is over all that it knows itself. So it is divided by the
    /// lengths over the steps that both know, estimated by the block: the row's energy in the block times the share of it that the other knows.
    /// </summary>
    private void AllowForGaps(int left, int right, Span<float> tile, Span<float> known)
    {
        Span<float> leftEnergy = stackalloc float[TileSize], rightEnergy = stackalloc float[TileSize];
        TileKernel.Multiply(panels.Energy(left), panels.Coverage(right), panels.Blocks, leftEnergy);
        TileKernel.Multiply(panels.Coverage(left), panels.Energy(right), panels.Blocks, rightEnergy);
        TileKernel.Multiply(panels.Known(left), panels.Known(right), panels.Blocks, known);
        Vector<float> enough = new(knownMin - .5f);
        for (int i = 0; i < TileSize; i += Vector<float>.Count)
        {
            Vector<float> lengths = Vector.SquareRoot(new Vector<float>(leftEnergy[i..]) * new Vector<float>(rightEnergy[i..]));
            Vector<float> estimate = Vector.Min(Vector<float>.One, new Vector<float>(tile[i..]) / lengths);
            Vector.ConditionalSelect(Vector.GreaterThan(new Vector<float>(known[i..]), enough), estimate, Vector<float>.Zero).CopyTo(tile[i..]);
        }
    }

    private void Offer(int left, int right, ReadOnlySpan<float> tile, ReadOnlySpan<float> known, TopNeighbours found)
    {
        ReadOnlySpan<float> lowestRight = found.Lowest.AsSpan(right * Panel, Panel);
        for (int a = 0; a < Panel; a++)
        {
            int place = (left * Panel) + a;
            Vector256<float> lowest = Vector256.Create(found.Lowest[place]);
            for (int b = 0; b < Panel; b += Vector256<float>.Count)
            {
                Vector256<float> products = Vector256.Create(tile[((a * Panel) + b)..]);
                Vector256<float> useful = Vector256.GreaterThanOrEqual(products, Vector256.Min(lowest, Vector256.Create(lowestRight[b..])));
                for (uint bits = useful.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
                {
                    int column = b + BitOperations.TrailingZeroCount(bits), at = (a * Panel) + column;
                    if (left == right && column <= a) continue;
                    OfferPair(place, (right * Panel) + column, tile[at], known.IsEmpty ? -1 : known[at], found);
                }
            }
        }
    }

    private void OfferPair(int left, int right, float value, float known, TopNeighbours found)
    {
        float floor = Math.Max(floors[left], floors[right]);
        if (known >= 0) floor = Math.Max(floor, floorOfKnown[Math.Min((int)known, floorOfKnown.Length - 1)]);
        if (value <= floor) return;
        found.Offer(left, panels.Row[right], value);
        found.Offer(right, panels.Row[left], value);
    }
}
