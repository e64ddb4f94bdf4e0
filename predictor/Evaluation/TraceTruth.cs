namespace Pipeline.Predictor.Evaluation;

/// <summary>What came true in a trace: utilisation, peaks over horizons, and where all of it is known.</summary>
public sealed class TraceTruth
{
    private const long DayMs = 86_400_000;

    private readonly float[] _utilization;
    private readonly int[] _knownRun;

    /// <param name="utilization">[slots, vms], 0..1 and sometimes above; NaN where missing.</param>
    /// <param name="slotMs">Length of a slot.</param>
    /// <param name="isCase">Of the others nothing is learned, and they are not measured; null: all VMs are cases.</param>
    public TraceTruth(float[] utilization, int vms, uint slotMs, Func<int, bool>? isCase = null)
    {
        Vms = vms;
        DaySlots = (int)(DayMs / slotMs);
        Slots = vms == 0 ? 0 : utilization.Length / vms;
        _utilization = new float[utilization.Length];
        _knownRun = new int[utilization.Length];
        for (int i = 0; i < utilization.Length; i++)
        {
            float value = utilization[i], before = i >= vms ? _utilization[i - vms] : 0f;
            _utilization[i] = float.IsNaN(value) ? before : Math.Clamp(value, 0f, 1f);
        }
        for (int i = utilization.Length - 1; i >= 0; i--)
            _knownRun[i] = float.IsNaN(utilization[i]) || isCase?.Invoke(i % vms) == false ? 0 : 1 + (i + vms < utilization.Length ? _knownRun[i + vms] : 0);
    }

    public int Slots { get; }

    /// <summary>Slots of a day.</summary>
    public int DaySlots { get; }

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

    /// <summary>Mean, highest and standard deviation of the utilisations of so many slots up to and with one.</summary>
    public (float Mean, float Peak, float Deviation) Moments(int slot, int vm, int slots)
    {
        double sum = 0, squares = 0;
        float peak = 0;
        int first = Math.Max(slot - slots + 1, 0), n = slot - first + 1;
        for (int s = first; s <= slot; s++)
        {
            float u = Utilization(s, vm);
            sum += u;
            squares += (double)u * u;
            peak = Math.Max(peak, u);
        }
        double mean = sum / n;
        return ((float)mean, peak, (float)Math.Sqrt(Math.Max(squares / n - mean * mean, 0)));
    }
}
