using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Skill;

/// <summary>What the newest steps of a snapshot's VMs were, by which earlier forecasts are judged. Arrays are kept.</summary>
internal sealed class Truth
{
    private const int HourMs = 3_600_000;

    private float[] _utilization = [];
    private int _steps;
    private int _hourSteps;

    public IReadOnlyList<string> Vms { get; private set; } = [];

    public void Set(IReadOnlyList<string> vms, InputBuffers inputs, int windowSteps, uint stepMs)
    {
        (Vms, _steps, _hourSteps) = (vms, windowSteps, Math.Max(1, (int)(HourMs / stepMs)));
        if (_utilization.Length < vms.Count * windowSteps) _utilization = new float[vms.Count * windowSteps];
        for (int row = 0; row < vms.Count; row++) inputs.CopyUtilization(row, _utilization.AsSpan(row * windowSteps, windowSteps));
    }

    /// <summary>Highest of the newest so many steps; NaN where one of them is not known.</summary>
    public float Peak(int row, int steps)
    {
        if (steps > _steps) return float.NaN;
        float peak = 0;
        foreach (float u in _utilization.AsSpan(row * _steps + _steps - steps, steps))
        {
            if (float.IsNaN(u)) return float.NaN;
            peak = Math.Max(peak, u);
        }
        return peak;
    }

    /// <summary>Mean of the hour that ended so many steps ago, of what is known of it; NaN: nothing is.</summary>
    public float MeanOfHour(int row, int stepsAgo)
    {
        int end = _steps - stepsAgo, known = 0;
        float sum = 0;
        for (int t = Math.Max(0, end - _hourSteps); t < end; t++)
        {
            float u = _utilization[row * _steps + t];
            if (float.IsNaN(u)) continue;
            sum += u;
            known++;
        }
        return known == 0 ? float.NaN : sum / known;
    }
}
