using System.IO.Hashing;

namespace Pipeline.Tests.Simulation.Checks;

/// <summary>Key and value of a record, equal when all bytes are.</summary>
internal readonly record struct OutputRecord(string Key, byte[] Value)
{
    public bool Equals(OutputRecord other) => Key == other.Key && Value.AsSpan().SequenceEqual(other.Value);

    public override int GetHashCode() => HashCode.Combine(Key, XxHash3.HashToUInt64(Value));

    public override string ToString() => $"{Key} ({Value.Length} bytes, {XxHash3.HashToUInt64(Value):x16})";
}
