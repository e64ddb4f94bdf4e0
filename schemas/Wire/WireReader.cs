using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Pipeline.Schemas.Wire;

/// <summary>
/// Reads protobuf's wire format (protobuf.dev/programming-guides/encoding) from a span and makes no objects. Positions go in and come out
/// by value, so that they stay in registers. It is stricter than Google.Protobuf: at groups and oddities it gives up with
/// <see cref="Broken"/>, and who meets that parses the plain way.
/// </summary>
public static class WireReader
{
    /// <summary>The position behind something that is not read here: beyond every end, and so is what is read from there.</summary>
    public const int Broken = int.MaxValue;

    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <summary>Bits of a varint of 10 bytes, the longest there is.</summary>
    private const int VarintBits = 70;

    /// <summary>Field number and wire type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadTag(ReadOnlySpan<byte> bytes, int at, out uint tag)
    {
        at = ReadVarint(bytes, at, out ulong value);
        tag = (uint)value;
        // Field number 0 is none.
        return value is >= 8 and <= uint.MaxValue ? at : Broken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadVarint(ReadOnlySpan<byte> bytes, int at, out ulong value)
    {
        if ((uint)at < (uint)bytes.Length && bytes[at] < 0x80)
        {
            value = bytes[at];
            return at + 1;
        }
        at = ReadLongVarint(bytes, at, out ulong found);
        value = found;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadFloat(ReadOnlySpan<byte> bytes, int at, out float value)
    {
        value = 0;
        if (at > bytes.Length - sizeof(float)) return Broken;
        value = BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]);
        return at + sizeof(float);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadFixed64(ReadOnlySpan<byte> bytes, int at, out long value)
    {
        value = 0;
        if (at > bytes.Length - sizeof(long)) return Broken;
        value = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        return at + sizeof(long);
    }

    /// <summary>A string's bytes, or a message's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadBytes(ReadOnlySpan<byte> bytes, int at, out ReadOnlySpan<byte> value)
    {
        at = ReadVarint(bytes, at, out ulong length);
        value = default;
        if (at == Broken || length > (ulong)(bytes.Length - at)) return Broken;
        value = bytes.Slice(at, (int)length);
        return at + (int)length;
    }

    /// <summary>Passes over a field that is not known here.</summary>
    public static int Skip(ReadOnlySpan<byte> bytes, int at, uint tag) => at == Broken ? Broken : (tag & 7) switch
    {
        Varint => ReadVarint(bytes, at, out _),
        Fixed64 => ReadFixed64(bytes, at, out _),
        Delimited => ReadBytes(bytes, at, out _),
        Fixed32 => ReadFloat(bytes, at, out _),
        _ => Broken,
    };

    private static int ReadLongVarint(ReadOnlySpan<byte> bytes, int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; at < bytes.Length && shift < VarintBits; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return at;
        }
        value = 0;
        return Broken;
    }
}
