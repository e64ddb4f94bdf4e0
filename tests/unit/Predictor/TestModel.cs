using System.Runtime.InteropServices;
using Google.Protobuf;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Scoring;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;

namespace Pipeline.Tests.Unit.Predictor;

/// <summary>A small model with random weights, and random snapshots for it.</summary>
internal static class TestModel
{
    public const uint StepMs = 300_000;

    public static readonly InputSignature Signature = new()
    {
        StepMs = StepMs,
        WindowSteps = 36,
        Signals = [SignalEncoding.Cpu, "memory_utilization", "log_network_receive"],
        FeatureSet = "test",
        Features = ["peak", "spread"],
        Neighbours = 4,
        HorizonSteps = [1, 3, 6, 12],
        Levels = [0.5f, 0.9f, 0.95f],
        BusyThresholds = [0.5f, 0.8f],
    };

    public static readonly NetworkOptions Options = new()
    {
        Channels = new WindowEncoder(Signature.WindowSteps, Signature.Signals).Channels,
        Features = Signature.Features.Count,
        SpreadFeature = 1,
        Neighbours = Signature.Neighbours,
        Hidden = 16,
        Message = 8,
        Heads = 2,
    };

    public static float[] RandomWeights(int seed)
    {
        Random random = new(seed);
        float[] weights = new float[TrainingGraph.Build(Options, InputScaling.Identity(Options)).Parameters.Length];
        foreach (ref float w in weights.AsSpan()) w = 0.6f * (random.NextSingle() - 0.5f);
        return weights;
    }

    public static byte[] Onnx(int seed = 1) => ServingGraph.Build(Options, InputScaling.Identity(Options), [RandomWeights(seed)]);

    public static Scorer Scorer(int threads = 1) => new(Onnx(), Signature, threads);

    public static ModelFile File()
    {
        byte[] model = Onnx();
        Random random = new(2);
        const int Rows = 3;
        SelfTest test = new()
        {
            Window = [.. Enumerable.Range(0, Rows * 36 * 3).Select(_ => BitConverter.HalfToUInt16Bits((Half)random.NextSingle()))],
            Features = [0.1f, null, 0.5f, 0.2f, null, 0.4f],
            Neighbours = [1, 2, uint.MaxValue, uint.MaxValue, 0, 2, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue],
            Weights = [0.5f, 0.4f, 0, 0, 0.6f, 0.3f, 0, 0, 0, 0, 0, 0],
            PeakQuantile = [],
            BusyProbability = [],
        };
        using Scorer scorer = Scorer();
        return new ModelFile(model, new ModelCard
        {
            Name = "test",
            Created = "2026-01-01",
            Description = "for tests",
            Sha256 = ModelFile.Checksum(model),
            Opset = GraphBuilder.OpsetVersion,
            Weights = RandomWeights(1).Length,
            Signature = Signature,
            SelfTest = test.Answer(scorer),
            Training = new TrainingRecord { Data = [], Validation = [], Command = "", Networks = [] },
        });
    }

    /// <summary>A snapshot with missing steps, missing neighbours and odd values, cut into chunks of at most <paramref name="chunkVms"/>.</summary>
    public static SnapshotChunk[] Snapshot(int vms, int seed = 1, int chunkVms = 1000, string cell = "c")
    {
        Random random = new(seed);
        int chunks = Math.Max(1, (vms + chunkVms - 1) / chunkVms);
        return [.. Enumerable.Range(0, chunks).Select(c => Chunk(random, vms, c, chunks, Math.Min(chunkVms, vms - c * chunkVms), chunkVms, cell))];
    }

    /// <summary>Chunks as the predictor reads them.</summary>
    public static SnapshotView[] Views(params SnapshotChunk[] chunks) => [.. chunks.Select(SnapshotView.Of)];

    private static SnapshotChunk Chunk(Random random, int vms, int chunk, int chunks, int n, int chunkVms, string cell)
    {
        SnapshotChunk part = new()
        {
            Cell = cell,
            StepEndUnixMs = 1_700_000_100_000,
            StepMs = StepMs,
            Chunk = (uint)chunk,
            Chunks = (uint)chunks,
            Rows = (uint)vms,
            FirstRow = (uint)(chunk * chunkVms),
            WindowSteps = 36,
            FeatureSet = "test",
            NeighboursK = 4,
            Completeness = 1,
            Signal = { Signature.Signals },
            Feature = { Signature.Features },
        };
        List<Half> window = [];
        List<float> features = [], weights = [];
        List<uint> neighbours = [];
        for (int i = 0; i < n; i++)
        {
            part.Vm.Add($"vm{part.FirstRow + i:D6}");
            part.Cores.Add(4);
            part.MemoryBytes.Add(1 << 30);
            part.Community.Add((uint)random.Next(3));
            for (int t = 0; t < 36; t++)
            {
                bool missing = random.Next(5) == 0;
                window.AddRange(missing ? [Half.NaN, Half.NaN, Half.NaN] : [(Half)random.NextSingle(), (Half)random.NextSingle(), (Half)(random.NextSingle() * 12)]);
            }
            features.AddRange([random.Next(4) == 0 ? float.NaN : random.NextSingle(), random.NextSingle() * 0.3f]);
            int known = vms < 2 ? 0 : random.Next(5);
            for (int k = 0; k < 4; k++)
            {
                neighbours.Add(k < known ? (uint)random.Next(vms) : uint.MaxValue);
                weights.Add(k < known ? random.NextSingle() : 0f);
            }
        }
        part.Window = Bytes(window);
        part.Features = Bytes(features);
        part.Neighbours = Bytes(neighbours);
        part.NeighbourWeights = Bytes(weights);
        return part;
    }

    public static ByteString Bytes<T>(List<T> values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(values)));
}
