using Pipeline.Processors.History;

namespace Pipeline.Processors.Snapshots;

/// <summary>Makes snapshots from a history: for the predictor live, and for training from a trace. Not thread-safe: one per thread.</summary>
public sealed class SnapshotAssembler(CellHistory history)
{
    private readonly FeatureCalculator _features = new(history);

    /// <summary>Fills a snapshot of the step <paramref name="step"/>.</summary>
    /// <param name="step">Any step within <see cref="HistoryOptions.Reach"/>.</param>
    /// <param name="slots">The VM of each row.</param>
    /// <param name="neighbours">[N, K] rows of neighbours, -1: none; empty where there is no graph.</param>
    /// <param name="weights">[N, K] correlations.</param>
    /// <param name="withheld">
    /// [N]: so many newest steps of each VM's own reports are treated as unknown, in the window and in the features of its own
    /// past; calendar features stay at the step. Empty: nothing is withheld.
    /// </param>
    /// <param name="snapshot">Where to.</param>
    public void Assemble(
        long step, ReadOnlySpan<int> slots, ReadOnlySpan<int> neighbours, ReadOnlySpan<float> weights, ReadOnlySpan<int> withheld, Snapshot snapshot)
    {
        int k = slots.Length == 0 ? 0 : neighbours.Length / slots.Length;
        snapshot.Reset(slots.Length, k);
        snapshot.StepEndUnixMs = history.EndUnixMs(step);
        neighbours.CopyTo(snapshot.Neighbours);
        weights.CopyTo(snapshot.NeighbourWeights);
        for (int row = 0; row < slots.Length; row++)
        {
            int slot = slots[row], unknown = withheld.IsEmpty ? 0 : Math.Min(withheld[row], HistoryOptions.WindowSteps);
            Span<float> window = snapshot.Window.AsSpan(row * Snapshot.WindowSize, Snapshot.WindowSize);
            history.Window(slot, step).CopyTo(window);
            window[(window.Length - unknown * SignalSet.Count)..].Fill(float.NaN);
            _features.Compute(slot, step, unknown, snapshot.Features.AsSpan(row * FeatureSet.Count, FeatureSet.Count));
            snapshot.Cores[row] = history.Cores(slot);
            snapshot.MemoryBytes[row] = history.MemoryBytes(slot);
        }
    }
}
