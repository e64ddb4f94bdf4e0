using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Pipeline.Ingest.Agent.Spool;

/// <summary>
/// Records of a spool's files, little endian:
/// <code>
///   0   kind (u32)   4   length of the body (u32)   8   XxHash64 of kind, length and body   16   body
/// </code>
/// </summary>
internal static class RecordFormat
{
    /// <summary>Kind, length, hash.</summary>
    public const int HeadBytes = 16;

    /// <summary>A report of an agent has some hundred bytes.</summary>
    public const int BodyBytesMax = 1024 * 1024;

    /// <summary>Sequence number, time, length of the key.</summary>
    public const int ReportHeadBytes = 18;

    public static byte[] Report(ulong sequence, long timeMs, string key, ReadOnlySpan<byte> value)
    {
        int keyBytes = Encoding.UTF8.GetByteCount(key);
        byte[] record = new byte[HeadBytes + ReportHeadBytes + keyBytes + value.Length];
        Span<byte> body = record.AsSpan(HeadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(body, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], timeMs);
        BinaryPrimitives.WriteUInt16LittleEndian(body[16..], checked((ushort)keyBytes));
        Encoding.UTF8.GetBytes(key, body[ReportHeadBytes..]);
        value.CopyTo(body[(ReportHeadBytes + keyBytes)..]);
        return Seal(record, RecordKind.Report);
    }

    public static byte[] Numbers(RecordKind kind, params ReadOnlySpan<ulong> numbers)
    {
        byte[] record = new byte[HeadBytes + (numbers.Length * sizeof(ulong))];
        for (int i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(HeadBytes + (i * sizeof(ulong))), numbers[i]);
        return Seal(record, kind);
    }

    /// <summary>Reads the record at the begin of <paramref name="bytes"/>; false: there is none that is whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RecordKind kind, out ReadOnlySpan<byte> body)
    {
        kind = default;
        body = default;
        if (bytes.Length < HeadBytes) return false;
        kind = (RecordKind)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (length > BodyBytesMax || length > bytes.Length - HeadBytes || length < LeastOf(kind)) return false;
        body = bytes.Slice(HeadBytes, (int)length);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) == Hash(bytes[..8], body);
    }

    /// <summary>Least length of a body; more than there may be where the kind is none.</summary>
    private static uint LeastOf(RecordKind kind) => kind switch
    {
        RecordKind.Report => ReportHeadBytes,
        RecordKind.Settled or RecordKind.State => 2 * sizeof(ulong),
        RecordKind.Dropped => 3 * sizeof(ulong),
        _ => uint.MaxValue,
    };

    private static byte[] Seal(byte[] record, RecordKind kind)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)kind);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), (uint)(record.Length - HeadBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(8), Hash(record.AsSpan(0, 8), record.AsSpan(HeadBytes)));
        return record;
    }

    private static ulong Hash(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        XxHash64 hash = new();
        hash.Append(head);
        hash.Append(body);
        return hash.GetCurrentHashAsUInt64();
    }
}
