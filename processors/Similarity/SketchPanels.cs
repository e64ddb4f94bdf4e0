using System.Numerics;
using Pipeline.Infra.Randomness;

namespace Pipeline.Processors.Similarity;

/// <summary>
/// Panels of <see cref="RowPanels"/> in fewer dimensions, for large fleets: a random rotation of each row, of which
/// <see cref="Dimensions"/> coordinates are kept (subsampled randomised Hadamard transform: N. Ailon, B. Chazelle, "The fast
/// Johnson-Lindenstrauss transform", 2009; J. Tropp, "Improved analysis of the subsampled randomized Hadamard transform", 2011). Rows are
/// of length 1 again afterwards, so that their inner products estimate correlations.
/// </summary>
/// <remarks>
/// The standard deviation of an estimate is <see cref="Deviation"/> at most. 256 dimensions: with 192 the product is a quarter cheaper, but of
/// 100,000 rows seven times as many pairs without anything in common pass for edges of .3, and all of them have to be compared exactly.
/// </remarks>
internal sealed class SketchPanels
{
    public const int Dimensions = 256;

    private const int Panel = TileKernel.Panel;

    private readonly float[] values;
    private readonly float[] signs;
    private readonly int[] kept;
    private readonly int length;

    /// <param name="panels">Filled panels.</param>
    /// <param name="count">So many of them, the first ones.</param>
    /// <param name="parallel">Threads.</param>
    public SketchPanels(RowPanels panels, int count, ParallelOptions parallel)
    {
        Count = count;
        length = (int)BitOperations.RoundUpToPowerOf2((uint)panels.Steps);
        SplitMix random = new(Seed);
        signs = [.. Enumerable.Range(0, panels.Steps).Select(_ => random.Next() % 2 == 0 ? 1f : -1f)];
        kept = [.. Enumerable.Range(0, length)];
        random.Shuffle(kept);
        kept = [.. kept.Take(Dimensions).Order()];
        values = new float[(long)count * Dimensions * Panel];
        Parallel.For(0, count, parallel, () => new float[length * Panel], (panel, _, rotated) =>
        {
            Sketch(panels.Values(panel), rotated, values.AsSpan(panel * Dimensions * Panel, Dimensions * Panel));
            return rotated;
        }, _ => { });
    }

    /// <summary>Any will do; this one is always the same.</summary>
    private const ulong Seed = 0x51AE7C4;

    /// <summary>Of an estimate, at correlations near 0; less at higher ones.</summary>
    public static float Deviation => 1 / MathF.Sqrt(Dimensions);

    /// <summary>Whether rows are long enough for it to be worth while.</summary>
    public static bool Shortens(int steps) => steps > 2 * Dimensions;

    /// <summary>Panels.</summary>
    public int Count { get; }

    /// <summary>[Dimensions, Panel].</summary>
    public ReadOnlySpan<float> Values(int panel) => values.AsSpan(panel * Dimensions * Panel, Dimensions * Panel);

    private void Sketch(ReadOnlySpan<float> rows, float[] rotated, Span<float> sketch)
    {
        for (int t = 0; t < signs.Length; t++)
            for (int i = t * Panel; i < (t + 1) * Panel; i += Vector<float>.Count)
                (new Vector<float>(rows[i..]) * signs[t]).CopyTo(rotated, i);
        rotated.AsSpan(signs.Length * Panel).Clear();
        Rotate(rotated, length);
        for (int lane = 0; lane < Panel; lane += Vector<float>.Count) Keep(rotated, lane, sketch);
    }

    /// <summary>The coordinates that are kept, of length 1; a row of zeros stays one.</summary>
    private void Keep(float[] rotated, int lane, Span<float> sketch)
    {
        Vector<float> squares = default;
        foreach (int t in kept)
        {
            Vector<float> x = new(rotated, (t * Panel) + lane);
            squares = Vector.FusedMultiplyAdd(x, x, squares);
        }
        Vector<float> scale = Vector.ConditionalSelect(Vector.GreaterThan(squares, Vector<float>.Zero), Vector<float>.One / Vector.SquareRoot(squares), Vector<float>.Zero);
        for (int d = 0; d < kept.Length; d++) (new Vector<float>(rotated, (kept[d] * Panel) + lane) * scale).CopyTo(sketch[((d * Panel) + lane)..]);
    }

    /// <summary>Walsh-Hadamard transform along the steps of a panel, without its factor: lengths are made 1 afterwards.</summary>
    private static void Rotate(float[] values, int length)
    {
        for (int half = Panel; half < length * Panel; half *= 2)
            for (int first = 0; first < length * Panel; first += 2 * half)
                for (int i = first; i < first + half; i += Vector<float>.Count)
                {
                    Vector<float> x = new(values, i), y = new(values, i + half);
                    (x + y).CopyTo(values, i);
                    (x - y).CopyTo(values, i + half);
                }
    }
}
