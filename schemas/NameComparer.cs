using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Schemas;

/// <summary>
/// Compares names ordinally, and lets a dictionary of names be asked with the bytes of a record. Names with other characters than ASCII
/// are not found by bytes, only by text.
/// </summary>
public sealed class NameComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static readonly NameComparer Instance = new();

    private const int StackBytes = 256;

    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private NameComparer()
    {
    }

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public bool Equals(ReadOnlySpan<byte> alternate, string other) => Ascii.Equals(alternate, other);

    public int GetHashCode(string obj)
    {
        Span<byte> bytes = obj.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[obj.Length];
        // Any hash does for what is never asked by bytes.
        return Ascii.FromUtf16(obj, bytes, out int length) == System.Buffers.OperationStatus.Done
            ? GetHashCode(bytes[..length])
            : string.GetHashCode(obj, StringComparison.Ordinal);
    }

    /// <summary>Eight bytes at a time, seeded by the process as a string's own hash is.</summary>
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        ulong hash = Seed + (ulong)alternate.Length;
        for (; alternate.Length >= sizeof(ulong); alternate = alternate[sizeof(ulong)..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(alternate));
        ulong rest = 0;
        foreach (byte b in alternate) rest = rest << 8 | b;
        return (int)Mix(hash ^ rest);
    }

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);

    /// <summary>The two halves of a 128-bit product: each bit of the result depends on all of the value.</summary>
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15, out ulong low);
        return high ^ low;
    }
}
