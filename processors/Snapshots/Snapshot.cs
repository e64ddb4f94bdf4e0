using Pipeline.Processors.History;

namespace Pipeline.Processors.Snapshots;

/// <summary>
/// A cell at the end of one step, as arrays (row-major): what a prediction is made from and, with what came after, what a
/// model learns from. Arrays may be longer than their rows need; a snapshot is filled again and again.
/// </summary>
public sealed class Snapshot
{
    /// <summary>Step end, Unix milliseconds.</summary>
    public long StepEndUnixMs { get; set; }

    public int Rows { get; private set; }

    /// <summary>Neighbours per VM K.</summary>
    public int K { get; private set; }

    /// <summary>[N, T, F], T = <see cref="HistoryOptions.WindowSteps"/>, newest last, signals as <see cref="SignalSet"/> says; NaN: missing.</summary>
    public float[] Window { get; private set; } = [];

    /// <summary>[N, S], as <see cref="FeatureSet"/> says.</summary>
    public float[] Features { get; private set; } = [];

    /// <summary>[N, K]: row of each neighbour, best first; -1: none.</summary>
    public int[] Neighbours { get; private set; } = [];

    /// <summary>[N, K]: correlation with each neighbour; 0: none.</summary>
    public float[] NeighbourWeights { get; private set; } = [];

    /// <summary>[N].</summary>
    public float[] Cores { get; private set; } = [];

    /// <summary>[N].</summary>
    public ulong[] MemoryBytes { get; private set; } = [];

    /// <summary>Values of one window.</summary>
    public const int WindowSize = HistoryOptions.WindowSteps * SignalSet.Count;

    /// <summary>Makes room for so many rows.</summary>
    public void Reset(int rows, int k)
    {
        (Rows, K) = (rows, k);
        if (Cores.Length < rows)
        {
            (Window, Features) = (new float[rows * WindowSize], new float[rows * FeatureSet.Count]);
            (Cores, MemoryBytes) = (new float[rows], new ulong[rows]);
        }
        if (Neighbours.Length < rows * k) (Neighbours, NeighbourWeights) = (new int[rows * k], new float[rows * k]);
    }
}
