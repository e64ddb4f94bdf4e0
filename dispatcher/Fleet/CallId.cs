using System.IO.Hashing;
using System.Text;

namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Invocation ids as 128-bit numbers: a sixth of a string's memory. Among the million that are remembered two that differ collide with probability 10^-27.
/// </summary>
public static class CallId
{
    private const int StackBytes = 1024;

    /// <summary>The same in every process.</summary>
    public static UInt128 Of(string id)
    {
        int size = Encoding.UTF8.GetMaxByteCount(id.Length);
        Span<byte> bytes = size <= StackBytes ? stackalloc byte[StackBytes] : new byte[size];
        return XxHash128.HashToUInt128(bytes[..Encoding.UTF8.GetBytes(id, bytes)]);
    }
}
