namespace Pipeline.Predictor.Evaluation;

/// <summary>What came true in a trace: utilisation, peaks over horizons, and where all of it is known.</summary>
public sealed class TraceTruth
{
    private readonly float[] _utilization;
    private readonly int[] _knownRun;

    /// <param name="utilization">[slots, vms], 0..1 and sometimes above; NaN where missing.</param>
    public TraceTruth(float[] utilization, int vms)
    {
        Vms = vms;
        Slots = vms == 0 ? 0 : utilization.Length / vms;
        _utilization = new float[utilization.Length];
        _knownRun = new int[utilization.Length];
        for (int i = 0; i < utilization.Length; i++)
        {
            float value = utilization[i], before = i >= vms ? _utilization[i - vms] : 0f;
            _utilization[i] = float.IsNaN(value) ? before : Math.Clamp(value, 0f, 1f);
        }
        for (int i = utilization.Length - 1; i >= 0; i--)
            _knownRun[i] = float.IsNaN(utilization[i]) ? 0 : 1 + (i + vms < utilization.Length ? _knownRun[i + vms] : 0);
    }

    public int Slots { get; }

    public int Vms { get; }

    /// <summary>Newest known utilisation at a slot, 0..1; 0 before the first.</summary>
    public float Utilization(int slot, int vm) => _utilization[slot * Vms + vm];

    /// <summary>Whether a VM reported at this slot and at all of the next <paramref name="steps"/>.</summary>
    public bool Known(int slot, int vm, int steps) => _knownRun[slot * Vms + vm] > steps;

    /// <summary>Highest utilisation over the next <paramref name="steps"/> slots, this one not counted.</summary>
    public float Peak(int slot, int vm, int steps)
    {
        float peak = 0;
        int last = Math.Min(slot + steps, Slots - 1);
        for (int s = slot + 1; s <= last; s++) peak = Math.Max(peak, _utilization[s * Vms + vm]);
        return peak;
    }
}
