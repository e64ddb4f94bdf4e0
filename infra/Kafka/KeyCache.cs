using Confluent.Kafka;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// Gives out one array for keys that come again and again: a topic keyed by cell has a handful of them over millions of records.
/// Keys are never written to, so that sharing them is safe.
/// </summary>
internal sealed class KeyCache : IDeserializer<byte[]?>
{
    /// <summary>Cells of a partition and functions in use are fewer, mostly; more only means that some are made again.</summary>
    private const int Slots = 1024;

    private readonly byte[]?[] keys = new byte[Slots][];

    public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (isNull) return null;
        HashCode hash = default;
        hash.AddBytes(data);
        ref byte[]? key = ref keys[hash.ToHashCode() & (Slots - 1)];
        if (key is null || !data.SequenceEqual(key)) key = data.ToArray();
        return key;
    }
}
