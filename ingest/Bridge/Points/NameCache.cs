using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Ingest.Bridge.Points;

/// <summary>
/// What was made of names, by their bytes: an agent sends the same ones with every scrape, and making strings of them again is most of the work
/// of decoding. When it is full, it begins anew; nothing but speed depends on it.
/// </summary>
internal sealed class NameCache<T>(int capacity)
    where T : class
{
    private readonly Dictionary<byte[], T> known = new(ByteSequence.Comparer);

    public bool TryGet(ReadOnlySpan<byte> name, [NotNullWhen(true)] out T? value) => known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out value);

    public T Add(ReadOnlySpan<byte> name, T value)
    {
        if (known.Count >= capacity) known.Clear();
        known[name.ToArray()] = value;
        return value;
    }

    /// <summary>Sequences of bytes by what they hold. The hash is seeded anew by each process, so that nobody can choose names that collide.</summary>
    private sealed class ByteSequence : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteSequence Comparer = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
