using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Pipeline.Dispatcher.Policies;

/// <summary>Hash of a name, the same in every process.</summary>
internal static class NameHash
{
    public static ulong Of(string name) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));
}
