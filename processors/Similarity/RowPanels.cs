namespace Pipeline.Processors.Similarity;

/// <summary>
/// Rows that can have edges, normalised and laid out for <see cref="TileKernel"/>: first panels of rows without gaps, then panels of rows
/// with gaps, so that what gaps cost is paid only where there are any; those that know least come last.
/// </summary>
internal sealed class RowPanels
{
    /// <summary>
    /// Known changes and energy are kept by blocks of so many: three products of a sixteenth of the length allow for gaps. Blocks of 32 cost
    /// half of that and miss twice as many neighbours of VMs that joined within a block.
    /// </summary>
    private const int BlockSteps = 16;

    /// <summary>
    /// A row that knows less of its steps, by weight, is short: over what it and another row both know, the other's length is far from 1.
    /// At .9 it is .95, and a correlation of .3 looks like .285.
    /// </summary>
    private const double ShortBelow = .9;

    private const int Panel = TileKernel.Panel;

    private readonly DifferenceRows rows;
    private readonly int blocks;
    private readonly float[] values;
    private readonly float[] energy;
    private readonly float[] coverage;
    private readonly float[] known;
    private readonly float[] rootWeights;

    public RowPanels(DifferenceRows rows)
    {
        this.rows = rows;
        int[] usable = [.. Enumerable.Range(0, rows.Rows).Where(r => rows.Scale[r] > 0)];
        int[] whole = [.. usable.Where(r => !rows.HasGaps(r))], gappy = [.. usable.Where(r => rows.HasGaps(r) && !IsShort(r)), .. usable.Where(IsShort)];
        WholePanels = (whole.Length + Panel - 1) / Panel;
        Count = WholePanels + ((gappy.Length + Panel - 1) / Panel);
        LongPanels = WholePanels + (gappy.Count(r => !IsShort(r)) / Panel);
        Row = new int[Count * Panel];
        Row.AsSpan().Fill(-1);
        whole.CopyTo(Row, 0);
        gappy.CopyTo(Row, WholePanels * Panel);
        blocks = (rows.Count + BlockSteps - 1) / BlockSteps;
        values = new float[(long)Count * Panel * rows.Count];
        energy = new float[Count * Panel * blocks];
        (coverage, known) = (new float[energy.Length], new float[energy.Length]);
        rootWeights = [.. rows.Weights.Select(MathF.Sqrt)];
    }

    /// <summary>Panels.</summary>
    public int Count { get; }

    /// <summary>Panels of rows without gaps, which come first.</summary>
    public int WholePanels { get; }

    /// <summary>Panels without a row that knows little.</summary>
    public int LongPanels { get; }

    /// <summary>[Count x Panel] row at each place; -1: none.</summary>
    public int[] Row { get; }

    /// <summary>Steps of <see cref="Values"/>.</summary>
    public int Steps => rows.Count;

    /// <summary>Steps of the panels of blocks.</summary>
    public int Blocks => blocks;

    /// <summary>[Steps, Panel] roots of the weights times the changes less their mean, of length 1 over all steps; 0 where missing.</summary>
    public ReadOnlySpan<float> Values(int panel) => values.AsSpan(panel * Panel * rows.Count, Panel * rows.Count);

    /// <summary>[Blocks, Panel] sum of the squares of the values in each block.</summary>
    public ReadOnlySpan<float> Energy(int panel) => energy.AsSpan(panel * Panel * blocks, Panel * blocks);

    /// <summary>[Blocks, Panel] share of each block's changes that are known.</summary>
    public ReadOnlySpan<float> Coverage(int panel) => coverage.AsSpan(panel * Panel * blocks, Panel * blocks);

    /// <summary>[Blocks, Panel] known changes of each block over the root of its length: products estimate how many two rows both know.</summary>
    public ReadOnlySpan<float> Known(int panel) => known.AsSpan(panel * Panel * blocks, Panel * blocks);

    private bool IsShort(int row) => rows.KnownWeight[row] < ShortBelow * rows.TotalWeight;

    /// <summary>Fills a panel.</summary>
    public void Fill(int panel)
    {
        for (int place = 0; place < Panel; place++)
        {
            int row = Row[(panel * Panel) + place];
            if (row < 0) continue;
            ReadOnlySpan<float> changes = rows.Values.AsSpan(row * rows.Stride, rows.Count);
            int at = (panel * Panel * rows.Count) + place, blockAt = (panel * Panel * blocks) + place;
            for (int first = 0; first < changes.Length; first += BlockSteps, blockAt += Panel)
            {
                int length = Math.Min(BlockSteps, changes.Length - first), count = 0;
                float squares = 0;
                for (int t = first; t < first + length; t++, at += Panel)
                {
                    if (float.IsNaN(changes[t])) continue;
                    count++;
                    float value = (changes[t] - rows.Mean[row]) * rows.Scale[row] * rootWeights[t];
                    values[at] = value;
                    squares += value * value;
                }
                (energy[blockAt], coverage[blockAt], known[blockAt]) = (squares, (float)count / length, count / MathF.Sqrt(length));
            }
        }
    }
}
