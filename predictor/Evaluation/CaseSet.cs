namespace Pipeline.Predictor.Evaluation;

/// <summary>
/// Forecasts and outcomes of one method at one age. A case is a VM at a slot that reports then and through the longest
/// horizon; it is an onset case when the VM is not busy at that slot.
/// </summary>
public sealed class CaseSet
{
    private readonly int _horizons;
    private readonly int _levels;
    private readonly List<float> _peaks = [];
    private readonly List<float> _quantiles = [];
    private readonly List<float> _busy = [];
    private readonly List<bool> _onset = [];

    private CaseSet(int horizons, int levels)
    {
        (_horizons, _levels) = (horizons, levels);
    }

    public int Count => _onset.Count;

    public int OnsetCount => _onset.Count(o => o);

    /// <summary>Asks a method about all VMs at all slots.</summary>
    public static CaseSet Collect(IForecaster method, TraceTruth truth, EvaluationOptions options, IReadOnlyList<int> slots, int stale)
    {
        int h = options.HorizonSteps.Count, q = options.Levels.Count;
        CaseSet cases = new(h, q);
        float[] quantiles = new float[truth.Vms * h * q], busy = new float[truth.Vms * h];
        foreach (int slot in slots)
        {
            method.Forecast(slot, stale, quantiles, busy);
            for (int vm = 0; vm < truth.Vms; vm++)
            {
                if (!truth.Known(slot, vm, options.HorizonSteps[^1])) continue;
                cases._onset.Add(truth.Utilization(slot, vm) < options.BusyThreshold);
                foreach (int steps in options.HorizonSteps) cases._peaks.Add(truth.Peak(slot, vm, steps));
                cases._quantiles.AddRange(quantiles.AsSpan(vm * h * q, h * q));
                cases._busy.AddRange(busy.AsSpan(vm * h, h));
            }
        }
        return cases;
    }

    /// <summary>Peaks over one horizon, of all cases.</summary>
    public float[] Peaks(int horizon) => Column(_peaks, _horizons, horizon);

    /// <summary>Forecasts of one quantile (horizon · levels + level), of all cases.</summary>
    public float[] Quantiles(int column) => Column(_quantiles, _horizons * _levels, column);

    /// <summary>Scores and outcomes of the onset cases at one horizon.</summary>
    public (bool[] Outcome, float[] Score) Onsets(int horizon, float threshold)
    {
        List<bool> outcome = [];
        List<float> score = [];
        for (int i = 0; i < Count; i++)
        {
            if (!_onset[i]) continue;
            outcome.Add(_peaks[i * _horizons + horizon] >= threshold);
            score.Add(_busy[i * _horizons + horizon]);
        }
        return ([.. outcome], [.. score]);
    }

    private float[] Column(List<float> values, int width, int column)
    {
        float[] result = new float[Count];
        for (int i = 0; i < result.Length; i++) result[i] = values[i * width + column];
        return result;
    }
}
