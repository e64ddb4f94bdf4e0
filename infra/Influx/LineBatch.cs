namespace Pipeline.Infra.Influx;

/// <summary>Encoded lines in one growing buffer, with where each ends and which point it came from. Reused from batch to batch.</summary>
public sealed class LineBatch
{
    private const int InitialBytes = 64 * 1024;

    private byte[] buffer = new byte[InitialBytes];
    private int[] ends = new int[1024];
    private int[] sources = new int[1024];

    /// <summary>Lines in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all lines, their line feeds included.</summary>
    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Length);

    /// <summary>Index, in the batch of points, of the point behind a line.</summary>
    public int SourceOf(int line) => sources[line];

    /// <summary>The bytes of <paramref name="count"/> lines from line <paramref name="first"/> on.</summary>
    public ReadOnlyMemory<byte> Lines(int first, int count)
    {
        int begin = first == 0 ? 0 : ends[first - 1];
        return buffer.AsMemory(begin, ends[first + count - 1] - begin);
    }

    public void Clear()
    {
        Count = 0;
        Length = 0;
    }

    /// <summary>Room for at least <paramref name="size"/> more bytes.</summary>
    internal Span<byte> Reserve(int size)
    {
        if (buffer.Length - Length < size) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + size));
        return buffer.AsSpan(Length);
    }

    internal void Advance(int bytes) => Length += bytes;

    internal void EndLine(int source)
    {
        if (Count == ends.Length)
        {
            Array.Resize(ref ends, Count * 2);
            Array.Resize(ref sources, Count * 2);
        }
        ends[Count] = Length;
        sources[Count++] = source;
    }

    /// <summary>Takes back what was written since the last whole line.</summary>
    internal void DropOpenLine() => Length = Count == 0 ? 0 : ends[Count - 1];
}
