using Pipeline.Predictor.Models;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Scoring;

/// <summary>Reads a whole snapshot into the network's inputs.</summary>
/// <param name="threads">Threads at most; the result does not depend on it.</param>
public sealed class SnapshotReader(InputSignature signature, int threads = 1)
{
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = threads };

    /// <summary>Age of a VM whose window holds no utilisation at all.</summary>
    public const uint NeverKnown = uint.MaxValue;

    public InputBuffers Inputs { get; } = new(signature);

    /// <summary>[rows]: newest known CPU utilisation of each VM as reported; NaN when the window holds none.</summary>
    public float[] Newest { get; private set; } = [];

    /// <summary>[rows]: its age at step end in seconds, or <see cref="NeverKnown"/>.</summary>
    public uint[] AgeSeconds { get; private set; } = [];

    /// <summary>Reads the chunks of one snapshot, in order; they were checked against the signature.</summary>
    /// <exception cref="ArgumentException">A chunk does not fit the signature.</exception>
    public void Read(IReadOnlyList<SnapshotView> chunks)
    {
        int[] first = new int[chunks.Count + 1];
        ColumnMap[] maps = new ColumnMap[chunks.Count];
        for (int c = 0; c < chunks.Count; c++)
        {
            if (ColumnMap.TryCreate(signature, chunks[c], out maps[c]) is { } reason) throw new ArgumentException(reason);
            first[c + 1] = first[c] + chunks[c].Count;
        }
        int rows = first[^1];
        Inputs.Reset(rows);
        if (Newest.Length < rows) (Newest, AgeSeconds) = (new float[rows], new uint[rows]);
        Parallel.For(0, chunks.Count, _parallel, c => Read(chunks[c], maps[c], first[c]));
    }

    private void Read(SnapshotView chunk, ColumnMap map, int firstRow)
    {
        (int signals, int s, int k) = (chunk.Signal.Count, chunk.Feature.Count, (int)chunk.NeighboursK);
        int windowSize = (int)chunk.WindowSteps * signals;
        ReadOnlySpan<ushort> window = chunk.Window;
        ReadOnlySpan<float> features = chunk.Features, weights = chunk.NeighbourWeights;
        ReadOnlySpan<uint> neighbours = chunk.Neighbours;
        for (int i = 0, row = firstRow; i < chunk.Count; i++, row++)
        {
            ReadOnlySpan<ushort> own = window.Slice(i * windowSize, windowSize);
            Inputs.SetWindow(row, own, map.Signals, signals);
            Inputs.SetFeatures(row, features.Slice(i * s, s), map.Features);
            Inputs.SetNeighbours(row, neighbours.Slice(i * k, k), weights.Slice(i * k, k));
            SetNewest(row, own, map.Signals[0], signals, chunk.StepMs);
        }
    }

    private void SetNewest(int row, ReadOnlySpan<ushort> window, int column, int signals, uint stepMs)
    {
        int age = (int)Inputs.Age[row];
        bool known = age < signature.WindowSteps;
        AgeSeconds[row] = known ? (uint)((long)age * stepMs / 1000) : NeverKnown;
        float newest = known ? (float)BitConverter.UInt16BitsToHalf(window[window.Length - (age + 1) * signals + column]) : float.NaN;
        Newest[row] = float.IsNaN(newest) ? newest : Math.Clamp(newest, 0f, 1f);
    }
}
