using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Processors.History;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>
/// What trees and logistic regression see of a VM: all that the network sees, and by hand what the network has to find out: lags, short
/// windows, and what the neighbours did since the VM's newest own report. Own columns come first.
/// </summary>
public sealed class PeerFeatures
{
    private const int WindowsCount = 2, SignalMeans = 3;

    private static readonly int[] Lags = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 23, 35, 71, 143, 287];

    private static readonly int[] ShortWindows = [3, 6];

    private readonly TraceSnapshots _trace;
    private readonly NeighbourFeatures _neighbours;
    private readonly TraceTruth _truth;

    public PeerFeatures(TraceSnapshots trace, TraceTruth truth)
    {
        (_trace, _truth) = (trace, truth);
        _neighbours = new NeighbourFeatures(truth);
    }

    /// <summary>Columns of a VM by itself; the first of them are <see cref="FeatureSet"/>'s.</summary>
    public static int OwnCount { get; } = FeatureSet.Count + 3 + Lags.Length + WindowsCount * 3 + (SignalSet.Count - 1) * SignalMeans;

    public static int Count { get; } = OwnCount + NeighbourFeatures.Count;

    /// <summary>Writes one VM.</summary>
    /// <param name="slot">The newest slot known of other VMs.</param>
    /// <param name="stale">So many of the VM's own newest slots are withheld.</param>
    /// <param name="features">Features of all VMs as of then, [vms, S].</param>
    /// <param name="to">[<see cref="Count"/>], or [<see cref="OwnCount"/>]: own columns alone.</param>
    public void Write(int slot, int stale, int vm, ReadOnlySpan<float> features, SlotRows rows, Span<float> to)
    {
        int newest = Math.Max(slot - stale, 0), at = FeatureSet.Count;
        features.Slice(vm * FeatureSet.Count, FeatureSet.Count).CopyTo(to);
        long steps = _trace.StartStep + slot;
        to[at++] = steps % (3_600_000 / Math.Min(_trace.StepMs, 3_600_000));
        to[at++] = steps * _trace.StepMs / 86_400_000 % 7;
        to[at++] = stale;
        foreach (int lag in Lags) to[at++] = _truth.Utilization(Math.Max(newest - lag, 0), vm);
        foreach (int window in ShortWindows)
        {
            (to[at], to[at + 1], to[at + 2]) = _truth.Moments(newest, vm, window);
            at += 3;
        }
        for (int signal = 1; signal < SignalSet.Count; signal++)
        {
            to[at++] = Mean(newest, vm, signal, 1);
            to[at++] = Mean(newest, vm, signal, 6);
            to[at++] = Mean(newest, vm, signal, 36);
        }
        if (to.Length > OwnCount) _neighbours.Write(slot, newest, vm, rows, to[OwnCount..]);
    }

    private float Mean(int newest, int vm, int signal, int steps)
    {
        (float sum, int known) = (0, 0);
        for (int slot = Math.Max(newest - steps + 1, 0); slot <= newest; slot++)
        {
            float value = (float)BitConverter.UInt16BitsToHalf(_trace.Signals[(slot * _trace.Vms.Count + vm) * SignalSet.Count + signal]);
            if (float.IsFinite(value)) (sum, known) = (sum + value, known + 1);
        }
        return known == 0 ? float.NaN : sum / known;
    }
}
