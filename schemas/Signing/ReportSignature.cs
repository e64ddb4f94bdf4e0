using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;

namespace Pipeline.Schemas.Signing;

/// <summary>
/// Signatures of reports: HMAC-SHA256 (RFC 2104) over
/// <code>
///   "pipeline-report-1"   length (u16) and UTF-8 of the VM   the same of the cell   sequence (u64)   time (i64)   SHA-256 of the report's bytes before the signature
/// </code>
/// numbers big endian. Each VM's key is derived from the secret of a cell by HKDF-SHA256 (RFC 5869) with the VM's name, so that who has a
/// VM's key can sign for this VM only, and nothing secret has to be in a topic.
/// </summary>
public static class ReportSignature
{
    public const int MacBytes = 32;

    private const int HashBytes = 32;

    private static readonly byte[] Purpose = "pipeline-report-1"u8.ToArray();

    /// <summary>The key of one VM.</summary>
    /// <param name="id">Name of the cell's secret.</param>
    /// <param name="secret">The cell's secret, 32 bytes.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="vm">The VM.</param>
    public static SigningKey KeyOf(string id, ReadOnlySpan<byte> secret, string cell, string vm)
    {
        byte[] key = new byte[SigningKey.Bytes], info = new byte[Purpose.Length + SizeOf(id) + SizeOf(cell) + SizeOf(vm)];
        int at = Put(info, Put(info, Put(info, PutPurpose(info), id), cell), vm);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], info.AsSpan(0, at));
        return new SigningKey(id, key);
    }

    /// <summary>Signs a report.</summary>
    /// <param name="vm">Its VM.</param>
    /// <param name="cell">Its cell.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="timeUnixMs">Its time.</param>
    /// <param name="payload">Its bytes without the signature.</param>
    /// <param name="key">The VM's key.</param>
    public static Signature Sign(string vm, string cell, ulong sequence, long timeUnixMs, ReadOnlySpan<byte> payload, SigningKey key)
    {
        Span<byte> mac = stackalloc byte[MacBytes];
        Compute(vm, cell, sequence, timeUnixMs, payload, key, mac);
        return new Signature { KeyId = key.Id, Mac = ByteString.CopyFrom(mac) };
    }

    /// <summary>Whether the signature is that of the report; takes the same time whatever differs.</summary>
    public static bool Verify(string vm, string cell, ulong sequence, long timeUnixMs, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mac, SigningKey key)
    {
        Span<byte> wanted = stackalloc byte[MacBytes];
        Compute(vm, cell, sequence, timeUnixMs, payload, key, wanted);
        return CryptographicOperations.FixedTimeEquals(wanted, mac);
    }

    private static void Compute(string vm, string cell, ulong sequence, long timeUnixMs, ReadOnlySpan<byte> payload, SigningKey key, Span<byte> mac)
    {
        byte[] message = new byte[Purpose.Length + SizeOf(vm) + SizeOf(cell) + sizeof(ulong) + sizeof(long) + HashBytes];
        int at = Put(message, Put(message, PutPurpose(message), vm), cell);
        BinaryPrimitives.WriteUInt64BigEndian(message.AsSpan(at), sequence);
        BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(at + sizeof(ulong)), timeUnixMs);
        SHA256.HashData(payload, message.AsSpan(at + sizeof(ulong) + sizeof(long)));
        HMACSHA256.HashData(key.Secret, message, mac);
    }

    private static int SizeOf(string text) => sizeof(ushort) + Encoding.UTF8.GetByteCount(text);

    private static int PutPurpose(byte[] into)
    {
        Purpose.CopyTo(into, 0);
        return Purpose.Length;
    }

    private static int Put(byte[] into, int at, string text)
    {
        int bytes = Encoding.UTF8.GetBytes(text, into.AsSpan(at + sizeof(ushort)));
        BinaryPrimitives.WriteUInt16BigEndian(into.AsSpan(at), checked((ushort)bytes));
        return at + sizeof(ushort) + bytes;
    }
}
