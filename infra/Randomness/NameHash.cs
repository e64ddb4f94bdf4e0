using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Pipeline.Infra.Randomness;

/// <summary>Hash of a name, the same in every process.</summary>
public static class NameHash
{
    public static ulong Of(string name) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name.AsSpan()));
}
