namespace Pipeline.Infra.Reports;

/// <summary>
/// Where the boxes and bands of a flow picture stand: in each column the categories are stacked, as high as they have members; a band leads
/// from where members were to where they are next.
/// </summary>
internal sealed class FlowLayout
{
    private readonly int[][] members;
    private readonly double gap;
    private readonly int[] order;

    /// <param name="members">[column][item] category of each item, 0 and up; -1: it is not there.</param>
    /// <param name="gap">Height between two boxes, in items.</param>
    public FlowLayout(int[][] members, double gap)
    {
        (this.members, this.gap) = (members, gap);
        order = Order();
        Boxes = [.. members.Select(Stack)];
    }

    /// <summary>By column: each category's lower end and number of members, those without members left out.</summary>
    public IReadOnlyList<IReadOnlyDictionary<int, (double Low, int Count)>> Boxes { get; }

    /// <summary>Bands from a column to the next, each at its place in the boxes at both ends.</summary>
    public IEnumerable<(int From, int To, double Low, double LowNext, int Count)> Bands(int column)
    {
        Dictionary<int, double> left = Boxes[column].ToDictionary(b => b.Key, b => b.Value.Low), right = Boxes[column + 1].ToDictionary(b => b.Key, b => b.Value.Low);
        Dictionary<(int From, int To), int> counts = Counts(column);
        int[] rank = new int[order.Length];
        for (int i = 0; i < order.Length; i++) rank[order[i]] = i;
        // At the left end bands stand in the order of where they go, at the right end of where they come from: none crosses another at a box.
        Dictionary<(int, int), double> starts = [];
        foreach (((int From, int To) band, int count) in counts.OrderBy(c => rank[c.Key.From]).ThenBy(c => rank[c.Key.To]))
        {
            starts[band] = left[band.From];
            left[band.From] += count;
        }
        foreach (((int From, int To) band, int count) in counts.OrderBy(c => rank[c.Key.To]).ThenBy(c => rank[c.Key.From]))
        {
            yield return (band.From, band.To, starts[band], right[band.To], count);
            right[band.To] += count;
        }
    }

    private Dictionary<(int From, int To), int> Counts(int column)
    {
        Dictionary<(int, int), int> counts = [];
        for (int i = 0; i < members[column].Length; i++)
        {
            (int, int) band = (members[column][i], members[column + 1][i]);
            if (band is { Item1: >= 0, Item2: >= 0 }) counts[band] = counts.GetValueOrDefault(band) + 1;
        }
        return counts;
    }

    private Dictionary<int, (double Low, int Count)> Stack(int[] column)
    {
        Dictionary<int, int> sizes = column.Where(c => c >= 0).CountBy(c => c).ToDictionary();
        Dictionary<int, (double, int)> boxes = [];
        double low = 0;
        foreach (int category in order.Where(sizes.ContainsKey))
        {
            boxes[category] = (low, sizes[category]);
            low += sizes[category] + gap;
        }
        return boxes;
    }

    /// <summary>Categories from the bottom up: those of the first column by size, later ones beside the one that most of their first members came from.</summary>
    private int[] Order()
    {
        int count = members.SelectMany(c => c).Append(-1).Max() + 1;
        List<int> placed = [];
        for (int column = 0; column < members.Length; column++)
        {
            foreach ((int category, _) in members[column].Where(c => c >= 0).CountBy(c => c).OrderByDescending(c => c.Value).ThenBy(c => c.Key))
            {
                if (placed.Contains(category)) continue;
                int parent = column == 0 ? -1 : Parent(column, category);
                placed.Insert(parent < 0 ? placed.Count : placed.IndexOf(parent) + 1, category);
            }
        }
        return [.. placed, .. Enumerable.Range(0, count).Except(placed)];
    }

    private int Parent(int column, int category)
    {
        int[] from = [.. Enumerable.Range(0, members[column].Length).Where(i => members[column][i] == category).Select(i => members[column - 1][i]).Where(c => c >= 0)];
        return from.Length == 0 ? -1 : from.CountBy(c => c).OrderByDescending(c => c.Value).ThenBy(c => c.Key).First().Key;
    }
}
