using System.IO.Hashing;
using System.Text;

namespace Pipeline.Processors.Store;

/// <summary>Times of points. Events of one series may fall into one millisecond: the name of the event tells them apart, and gives the same time again for a repeat.</summary>
internal static class EventTime
{
    private const long NsPerMs = 1_000_000;

    public static long Ns(long unixMs) => unixMs * NsPerMs;

    /// <summary>Spreads events over the nanoseconds of their millisecond by a hash of their identity.</summary>
    public static long Ns(long unixMs, string identity)
    {
        // Names are at most 255 characters, see Bounds.NameLengthMax; identities put a few of them together.
        Span<byte> text = identity.Length <= 512 ? stackalloc byte[identity.Length * 3] : new byte[identity.Length * 3];
        int length = Encoding.UTF8.GetBytes(identity, text);
        return Ns(unixMs) + (long)(XxHash64.HashToUInt64(text[..length]) % NsPerMs);
    }
}
