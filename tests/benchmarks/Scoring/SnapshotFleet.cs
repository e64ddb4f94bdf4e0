using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Scoring;

/// <summary>A made-up snapshot of a cell as it stands in its topic: every step known, every VM with all neighbours.</summary>
internal static class SnapshotFleet
{
    private const long StepEndUnixMs = 1_700_000_100_000;
    private const string Cell = "cell";

    public static StreamRecord[] Records(InputSignature signature, int vms)
    {
        int chunks = (vms + Topics.ChunkVms - 1) / Topics.ChunkVms;
        byte[] key = Encoding.UTF8.GetBytes(Cell);
        return [.. Enumerable.Range(0, chunks).Select(c => new StreamRecord
        {
            Topic = Topics.GraphSnapshots.Name,
            Partition = 0,
            Offset = c,
            TimestampUnixMs = StepEndUnixMs,
            Key = key,
            Value = Chunk(signature, vms, c, chunks).ToByteArray(),
        })];
    }

    private static SnapshotChunk Chunk(InputSignature s, int vms, int chunk, int chunks)
    {
        SplitMix random = new SplitMix(1).For(chunk);
        int first = chunk * Topics.ChunkVms, n = Math.Min(Topics.ChunkVms, vms - first), k = s.Neighbours;
        Half[] window = new Half[n * s.WindowSteps * s.Signals.Count];
        float[] features = new float[n * s.Features.Count], weights = new float[n * k];
        int[] neighbours = new int[n * k];
        for (int i = 0; i < window.Length; i++) window[i] = (Half)(random.NextDouble() * (i % s.Signals.Count < 2 ? 1 : 8));
        for (int i = 0; i < features.Length; i++) features[i] = (float)random.NextDouble();
        for (int i = 0; i < neighbours.Length; i++) (neighbours[i], weights[i]) = (random.Next(vms), 1 - (float)(i % k) / (k + 1));
        SnapshotChunk value = new()
        {
            Cell = Cell,
            StepEndUnixMs = StepEndUnixMs,
            StepMs = s.StepMs,
            Chunk = (uint)chunk,
            Chunks = (uint)chunks,
            Rows = (uint)vms,
            FirstRow = (uint)first,
            WindowSteps = (uint)s.WindowSteps,
            FeatureSet = s.FeatureSet,
            NeighboursK = (uint)k,
            Completeness = 1,
            Window = Bytes<Half>(window),
            Features = Bytes<float>(features),
            Neighbours = Bytes<int>(neighbours),
            NeighbourWeights = Bytes<float>(weights),
        };
        value.Signal.Add(s.Signals);
        value.Feature.Add(s.Features);
        for (int i = first; i < first + n; i++)
        {
            value.Vm.Add($"vm-{i:D6}");
            value.Cores.Add(4);
            value.MemoryBytes.Add(16UL << 30);
            value.Community.Add((uint)(i / 50));
        }
        return value;
    }

    private static ByteString Bytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
}
