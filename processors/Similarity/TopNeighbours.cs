namespace Pipeline.Processors.Similarity;

/// <summary>
/// The strongest neighbours found so far, by place in the panels. Which they are does not depend on the order in which they are offered:
/// the stronger stays, of equals the one with the lower row number.
/// </summary>
internal sealed class TopNeighbours
{
    private readonly int capacity;
    private readonly int[] index;
    private readonly float[] weight;

    /// <param name="floors">[places] what a neighbour has to beat.</param>
    /// <param name="capacity">Neighbours per place.</param>
    public TopNeighbours(ReadOnlySpan<float> floors, int capacity)
    {
        this.capacity = capacity;
        index = new int[floors.Length * capacity];
        weight = new float[floors.Length * capacity];
        index.AsSpan().Fill(-1);
        Lowest = floors.ToArray();
        for (int i = 0; i < Lowest.Length; i++) Lowest[i] = MathF.BitIncrement(Lowest[i]);
    }

    /// <summary>[places] a weight below this is of no use.</summary>
    public float[] Lowest { get; }

    /// <summary>Rows found for a place, strongest first; -1 behind the last.</summary>
    public ReadOnlySpan<int> Rows(int place) => index.AsSpan(place * capacity, capacity);

    /// <summary>Their weights.</summary>
    public ReadOnlySpan<float> Weights(int place) => weight.AsSpan(place * capacity, capacity);

    public void Offer(int place, int row, float value)
    {
        Span<int> rows = index.AsSpan(place * capacity, capacity);
        Span<float> weights = weight.AsSpan(place * capacity, capacity);
        if (value < Lowest[place] || !Precedes(value, row, weights[^1], rows[^1])) return;
        int at = capacity - 1;
        for (; at > 0 && Precedes(value, row, weights[at - 1], rows[at - 1]); at--) (weights[at], rows[at]) = (weights[at - 1], rows[at - 1]);
        (weights[at], rows[at]) = (value, row);
        if (rows[^1] >= 0) Lowest[place] = weights[^1];
    }

    private static bool Precedes(float value, int row, float other, int otherRow) => value > other || (value == other && (row < otherRow || otherRow < 0));
}
