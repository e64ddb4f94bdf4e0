using System.Buffers.Binary;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>Kafka's default partitioner (org.apache.kafka.common.utils.Utils.murmur2), so that keys land where real clients put them.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c, M = 0x5bd1e995;

    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & 0x7fffffff) % partitions;

    public static uint Hash(ReadOnlySpan<byte> data)
    {
        uint h = Seed ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            uint k = BinaryPrimitives.ReadUInt32LittleEndian(data) * M;
            k ^= k >> 24;
            h = (h * M) ^ (k * M);
        }
        if (data.Length >= 3) h ^= (uint)data[2] << 16;
        if (data.Length >= 2) h ^= (uint)data[1] << 8;
        if (data.Length >= 1) h = (h ^ data[0]) * M;
        h = (h ^ (h >> 13)) * M;
        return h ^ (h >> 15);
    }
}
