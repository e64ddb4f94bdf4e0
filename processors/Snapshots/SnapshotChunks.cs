using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Pipeline.Processors.History;
using Pipeline.Processors.Relations;
using Pipeline.Schemas;

namespace Pipeline.Processors.Snapshots;

/// <summary>Cuts a snapshot into records of up to <see cref="Topics.ChunkVms"/> VMs.</summary>
public static class SnapshotChunks
{
    /// <summary>Chunks that so many rows make; a cell without VMs still makes one.</summary>
    public static int CountFor(int rows) => Math.Max(1, (rows + Topics.ChunkVms - 1) / Topics.ChunkVms);

    /// <summary>Rows of chunk k.</summary>
    public static Range RowsOf(int chunk, int rows) => (chunk * Topics.ChunkVms)..Math.Min(rows, (chunk + 1) * Topics.ChunkVms);

    /// <summary>Writes chunk k.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="vms">[N] names of its rows.</param>
    /// <param name="frame">Cell, step and revision.</param>
    /// <param name="chunk">k.</param>
    /// <param name="communities">[N] community of each VM.</param>
    /// <param name="relations">Edges of other kinds, by kind.</param>
    /// <param name="completeness">Share of the VMs that reported in the newest step.</param>
    public static SnapshotChunk Write(Snapshot snapshot, IReadOnlyList<string> vms, SnapshotFrame frame, int chunk, ReadOnlySpan<uint> communities, IReadOnlyList<Relation> relations, float completeness)
    {
        (int first, int n) = RowsOf(chunk, snapshot.Rows).GetOffsetAndLength(snapshot.Rows);
        SnapshotChunk value = new()
        {
            Cell = frame.Cell,
            StepEndUnixMs = snapshot.StepEndUnixMs,
            StepMs = (uint)frame.StepMs,
            Revision = frame.Revision,
            Chunk = (uint)chunk,
            Chunks = (uint)CountFor(snapshot.Rows),
            Rows = (uint)snapshot.Rows,
            FirstRow = (uint)first,
            WindowSteps = HistoryOptions.WindowSteps,
            Window = Bytes<Half>(Rounded(snapshot.Window.AsSpan(first * Snapshot.WindowSize, n * Snapshot.WindowSize))),
            FeatureSet = FeatureSet.Version,
            Features = Bytes<float>(snapshot.Features.AsSpan(first * FeatureSet.Count, n * FeatureSet.Count)),
            NeighboursK = (uint)snapshot.K,
            // -1 is 0xFFFFFFFF in two's complement.
            Neighbours = Bytes<int>(snapshot.Neighbours.AsSpan(first * snapshot.K, n * snapshot.K)),
            NeighbourWeights = Bytes<float>(snapshot.NeighbourWeights.AsSpan(first * snapshot.K, n * snapshot.K)),
            Completeness = completeness,
        };
        value.Signal.Add(SignalSet.Names);
        value.Feature.Add(FeatureSet.Names);
        for (int i = first; i < first + n; i++)
        {
            value.Vm.Add(vms[i]);
            value.Cores.Add(snapshot.Cores[i]);
            value.MemoryBytes.Add(snapshot.MemoryBytes[i]);
            value.Community.Add(communities[i]);
        }
        foreach (IGrouping<EdgeList.Types.Kind, Relation> of in relations.Where(r => r.From >= first && r.From < first + n).GroupBy(r => r.Kind))
        {
            value.Edges.Add(new EdgeList
            {
                Kind = of.Key,
                Rows = Bytes<int>(of.SelectMany(r => new[] { r.From, r.To }).ToArray()),
                Weights = Bytes<float>(of.Select(r => r.Weight).ToArray()),
            });
        }
        return value;
    }

    private static Half[] Rounded(ReadOnlySpan<float> window)
    {
        Half[] values = new Half[window.Length];
        TensorPrimitives.ConvertToHalf(window, values);
        return values;
    }

    private static ByteString Bytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("snapshots are little-endian");
        return ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
    }
}
