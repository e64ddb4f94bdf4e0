using System.Runtime.InteropServices;
using Google.Protobuf;
using Pipeline.Schemas;
using Pipeline.Schemas.Wire;
using Pipeline.Tests.Unit.Predictor;

namespace Pipeline.Tests.Unit.Schemas.Wire;

public sealed class SnapshotViewTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    public void A_view_says_what_the_message_says(int vms)
    {
        foreach (SnapshotChunk chunk in TestModel.Snapshot(vms, chunkVms: 10)) AssertSame(chunk, Read(chunk.ToByteArray()));
    }

    [Fact]
    public void What_is_written_in_another_way_is_read_all_the_same()
    {
        SnapshotChunk chunk = TestModel.Snapshot(5)[0];
        chunk.Edges.Add(new EdgeList { Kind = EdgeList.Types.Kind.Calls, Rows = TestModel.Bytes<uint>([0, 1]), Weights = TestModel.Bytes<float>([.5f]) });
        byte[] plain = chunk.ToByteArray();
        AssertSame(chunk, Read(plain));
        // Unknown fields, a field met again, an array in two parts, numbers longer than they have to be.
        AssertSame(chunk, Read([.. plain, 0xC2, 0x3E, 1, 7]));
        AssertSame(chunk, Read([.. plain, 0x18, 0xE0, 0xA7, 0x12]));
        SnapshotChunk head = chunk.Clone(), tail = new() { MemoryBytes = { chunk.MemoryBytes[4] } };
        head.MemoryBytes.RemoveAt(4);
        AssertSame(chunk, Read([.. head.ToByteArray(), .. tail.ToByteArray()]));
        SnapshotChunk less = chunk.Clone();
        less.Community.Clear();
        AssertSame(chunk, Read([.. less.ToByteArray(), 0xAA, 1, (byte)(2 * chunk.Community.Count), .. chunk.Community.SelectMany(c => new byte[] { (byte)(c | 0x80), 0 })]));
    }

    [Fact]
    public void Whatever_comes_in_it_is_refused_when_the_validator_refuses_it_and_never_throws()
    {
        Random random = new(1);
        byte[] good = TestModel.Snapshot(12)[0].ToByteArray();
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = random.Next(3) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (int n = random.Next(4); n > 0 && bytes.Length > 0; n--) bytes[random.Next(Math.Min(bytes.Length, random.Next(2) == 0 ? 300 : int.MaxValue))] = (byte)random.Next(256);
            bool valid = Topics.GraphSnapshots.TryRead(new RecordContext("c", 0), bytes, out SnapshotChunk chunk, out string reason);
            Assert.Equal(valid, SnapshotView.TryRead(new RecordContext("c", 0), bytes, out SnapshotView view, out string why));
            Assert.Equal(reason, why);
            if (valid) AssertSame(chunk, view);
        }
    }

    private static SnapshotView Read(byte[] bytes)
    {
        Assert.True(SnapshotView.TryRead(new RecordContext("c", 0), bytes, out SnapshotView view, out string reason), reason);
        return view;
    }

    private static void AssertSame(SnapshotChunk chunk, SnapshotView view)
    {
        Assert.Equal((chunk.Cell, chunk.StepEndUnixMs, chunk.StepMs, chunk.Revision, chunk.Chunk, chunk.Chunks), (view.Cell, view.StepEndUnixMs, view.StepMs, view.Revision, view.Chunk, view.Chunks));
        Assert.Equal((chunk.Rows, chunk.FirstRow, chunk.WindowSteps, chunk.NeighboursK, chunk.FeatureSet, chunk.Vm.Count), (view.Rows, view.FirstRow, view.WindowSteps, view.NeighboursK, view.FeatureSet, view.Count));
        Assert.Equal(chunk.Signal, view.Signal);
        Assert.Equal(chunk.Feature, view.Feature);
        List<string> names = [];
        view.AddNames(names);
        Assert.Equal(chunk.Vm, names);
        Assert.True(chunk.Window.Span.SequenceEqual(MemoryMarshal.AsBytes(view.Window)));
        Assert.True(chunk.Features.Span.SequenceEqual(MemoryMarshal.AsBytes(view.Features)));
        Assert.True(chunk.Neighbours.Span.SequenceEqual(MemoryMarshal.AsBytes(view.Neighbours)));
        Assert.True(chunk.NeighbourWeights.Span.SequenceEqual(MemoryMarshal.AsBytes(view.NeighbourWeights)));
        // Cores and the like are copied as they lie.
        PredictionChunk copied = PredictionChunk.Parser.ParseFrom([0x4A, .. Length(view.Cores), .. view.Cores, 0x52, .. Length(view.MemoryBytes), .. view.MemoryBytes, 0x8A, 1, .. Length(view.Community), .. view.Community]);
        Assert.Equal(chunk.Cores, copied.Cores);
        Assert.Equal(chunk.MemoryBytes, copied.MemoryBytes);
        Assert.Equal(chunk.Community, copied.Community);
    }

    private static byte[] Length(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true)) output.WriteLength(bytes.Length);
        return stream.ToArray();
    }
}
