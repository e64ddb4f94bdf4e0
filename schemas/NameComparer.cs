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

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        // Names of VMs differ in their last characters; seeded by the process, as a string's own hash is.
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);
}
