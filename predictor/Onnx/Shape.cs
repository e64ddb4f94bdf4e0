namespace Pipeline.Predictor.Onnx;

/// <summary>
/// Shape of a tensor in a graph. Every dimension is fixed but the first, which may be <see cref="Rows"/>: as many as
/// are fed. The empty shape is a scalar.
/// </summary>
public sealed class Shape(params int[] dimensions)
{
    /// <summary>A first dimension that is known only when the graph runs.</summary>
    public const int Rows = -1;

    public int Rank => dimensions.Length;

    public int this[int axis] => dimensions[axis];

    public int Last => dimensions[^1];

    public ReadOnlySpan<int> Dimensions => dimensions;

    /// <summary>Number of elements.</summary>
    /// <exception cref="InvalidOperationException">The number of rows is not known.</exception>
    public int Length
    {
        get
        {
            int length = 1;
            foreach (int d in dimensions)
                length *= d >= 0 ? d : throw new InvalidOperationException($"{this} has a dynamic number of rows");
            return length;
        }
    }

    /// <summary>The same shape with another size of one axis; a negative axis counts from the end.</summary>
    public Shape With(int axis, int size)
    {
        int[] copy = (int[])dimensions.Clone();
        copy[axis < 0 ? axis + Rank : axis] = size;
        return new Shape(copy);
    }

    /// <summary>The same shape without one axis.</summary>
    public Shape Without(int axis) => new([.. dimensions[..axis], .. dimensions[(axis + 1)..]]);

    /// <summary>For the constants that tell an operator a shape: -1 is understood as "what is left".</summary>
    public long[] ToLongs() => [.. dimensions.Select(d => (long)d)];

    public bool Same(Shape other) => Dimensions.SequenceEqual(other.Dimensions);

    /// <summary>Shape of an element-wise operation by NumPy's rules of broadcasting.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        int[] result = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Rank ? a[a.Rank - i] : 1, y = i <= b.Rank ? b[b.Rank - i] : 1;
            result[rank - i] = x == y || y == 1 ? x : x == 1 ? y : throw new ArgumentException($"shapes {a} and {b} do not fit");
        }
        return new Shape(result);
    }

    public override string ToString() => "[" + string.Join(", ", dimensions.Select(d => d == Rows ? "rows" : $"{d}")) + "]";
}
