using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>Cases of earlier slots that learning baselines are fitted on: drawn as for the network, a third fresh, the others with own reports withheld.</summary>
public sealed class FittingRows
{
    private const double Fresh = 1.0 / 3;

    private readonly List<float[]> _values = [];
    private readonly List<float> _weight = [];
    private readonly List<bool> _onset = [];
    private readonly List<bool> _fresh = [];
    private readonly List<float> _peaks = [];

    private FittingRows()
    {
    }

    public int Count => _weight.Count;

    /// <summary>Draws cases of all slots.</summary>
    /// <param name="slots">Slots whose snapshots were made with one draw of withheld steps.</param>
    public static FittingRows Draw(PeerFeatures features, TraceSnapshots trace, TraceTruth truth, EvaluationOptions options, IEnumerable<int> slots, int seed)
    {
        FittingRows drawn = new();
        QueryDraw draw = new(truth, options.HorizonSteps[^1], options.BusyThreshold);
        Random random = new(seed);
        foreach (int slot in slots)
        {
            SlotRows rows = trace.Rows[slot]!;
            foreach ((int vm, float weight) in draw.Draw(slot, random))
            {
                bool fresh = random.NextDouble() < Fresh;
                float[] all = fresh ? rows.Features : rows.Withheld[0].Features;
                float[] row = new float[PeerFeatures.Count];
                features.Write(slot, fresh ? 0 : rows.Withheld[0].Steps[vm], vm, all, rows, row);
                drawn._values.Add(row);
                drawn._weight.Add(weight * truth.Vms);
                drawn._onset.Add(truth.Utilization(slot, vm) < options.BusyThreshold);
                drawn._fresh.Add(fresh);
                foreach (int steps in options.HorizonSteps) drawn._peaks.Add(truth.Peak(slot, vm, steps));
            }
        }
        return drawn;
    }

    /// <summary>Onset cases.</summary>
    public int[] Onsets() => [.. Enumerable.Range(0, Count).Where(i => _onset[i])];

    /// <summary>Onset cases and those busy VMs that have just reported: what the network learns becoming busy from, too.</summary>
    public int[] OnsetsAndReporting() => [.. Enumerable.Range(0, Count).Where(i => _onset[i] || _fresh[i])];

    /// <summary>Every so many of all rows.</summary>
    public int[] Every(int count) => [.. Enumerable.Range(0, Count).Where(i => i % count == 0)];

    /// <summary>The first columns of some rows, [chosen, columns].</summary>
    public float[] Values(int[] chosen, int columns)
    {
        float[] result = new float[chosen.Length * columns];
        for (int i = 0; i < chosen.Length; i++) _values[chosen[i]].AsSpan(0, columns).CopyTo(result.AsSpan(i * columns));
        return result;
    }

    /// <summary>What each row counts.</summary>
    public float[] Weights(int[] chosen) => [.. chosen.Select(i => _weight[i])];

    /// <summary>1 where the peak over one horizon reaches a threshold, else 0.</summary>
    public float[] BusyLabels(int[] chosen, int horizon, float threshold) => [.. Peaks(chosen, horizon).Select(p => p >= threshold ? 1f : 0f)];

    /// <summary>Peaks over one horizon.</summary>
    public float[] Peaks(int[] chosen, int horizon)
    {
        int horizons = _peaks.Count / Count;
        return [.. chosen.Select(i => _peaks[i * horizons + horizon])];
    }
}
