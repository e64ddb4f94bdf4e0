using System.Buffers.Binary;

namespace Pipeline.Schemas.Wire;

/// <summary>
/// Reads protobuf's wire format (protobuf.dev/programming-guides/encoding) from a span and makes no objects. It is stricter than
/// <see cref="Google.Protobuf"/>: groups and oddities end it with <see cref="Failed"/>, and who meets that parses the plain way.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <summary>Bits of a varint of 10 bytes, the longest there is.</summary>
    private const int VarintBits = 70;

    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Something was met that is not read here. All reads that follow give 0.</summary>
    public bool Failed { get; private set; }

    public readonly bool AtEnd => rest.IsEmpty;

    /// <summary>Field number and wire type.</summary>
    public uint ReadTag()
    {
        ulong tag = ReadVarint();
        if (tag is >= 8 and <= uint.MaxValue) return (uint)tag;
        Fail();
        return 0;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        ReadOnlySpan<byte> from = rest;
        for (int i = 0, shift = 0; i < from.Length && shift < VarintBits; i++, shift += 7)
        {
            byte next = from[i];
            value |= (ulong)(next & 0x7F) << shift;
            if (next >= 0x80) continue;
            rest = from[(i + 1)..];
            return value;
        }
        Fail();
        return 0;
    }

    public float ReadFloat()
    {
        if (!BinaryPrimitives.TryReadSingleLittleEndian(rest, out float value)) Fail();
        else rest = rest[sizeof(float)..];
        return value;
    }

    public long ReadFixed64()
    {
        if (!BinaryPrimitives.TryReadInt64LittleEndian(rest, out long value)) Fail();
        else rest = rest[sizeof(long)..];
        return value;
    }

    /// <summary>A string's bytes, or a message's.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        ulong length = ReadVarint();
        if (length > (ulong)rest.Length)
        {
            Fail();
            return default;
        }
        ReadOnlySpan<byte> value = rest[..(int)length];
        rest = rest[(int)length..];
        return value;
    }

    /// <summary>Passes over a field that is not known here.</summary>
    public void Skip(uint tag)
    {
        switch (tag & 7)
        {
            case Varint: ReadVarint(); break;
            case Fixed64: ReadFixed64(); break;
            case Delimited: ReadBytes(); break;
            case Fixed32: ReadFloat(); break;
            default: Fail(); break;
        }
    }

    private void Fail()
    {
        Failed = true;
        rest = default;
    }
}
