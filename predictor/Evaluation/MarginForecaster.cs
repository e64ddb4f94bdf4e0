namespace Pipeline.Predictor.Evaluation;

/// <summary>
/// Another method with margins: every quantile is shifted by what it missed on earlier slots (split conformal prediction).
/// The fairest use that can be made of a single number.
/// </summary>
public sealed class MarginForecaster : IForecaster
{
    private readonly IForecaster _inner;
    private readonly Dictionary<int, float[]> _margins;
    private readonly int _vms;

    private MarginForecaster(IForecaster inner, Dictionary<int, float[]> margins, int vms)
    {
        (_inner, _margins, _vms) = (inner, margins, vms);
    }

    public string Name => _inner.Name + "-with-margins";

    public bool GivesProbabilities => _inner.GivesProbabilities;

    /// <summary>Fits the margins on slots that are not evaluated.</summary>
    public static MarginForecaster Fit(IForecaster inner, TraceTruth truth, EvaluationOptions options, IReadOnlyList<int> slots)
    {
        Dictionary<int, float[]> margins = options.StaleSteps.ToDictionary(s => s, s => Fit(CaseSet.Collect(inner, truth, options, slots, s), options));
        return new MarginForecaster(inner, margins, truth.Vms);
    }

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        _inner.Forecast(slot, stale, quantiles, busy);
        float[] margins = _margins[stale];
        for (int i = 0; i < _vms * margins.Length; i++) quantiles[i] = Math.Clamp(quantiles[i] + margins[i % margins.Length], 0f, 1f);
    }

    private static float[] Fit(CaseSet cases, EvaluationOptions options)
    {
        int levels = options.Levels.Count;
        float[] margins = new float[options.HorizonSteps.Count * levels];
        for (int i = 0; i < margins.Length && cases.Count > 0; i++)
        {
            float[] peaks = cases.Peaks(i / levels), quantiles = cases.Quantiles(i);
            float[] missed = [.. peaks.Zip(quantiles, (p, q) => p - q).Order()];
            margins[i] = missed[Math.Min((int)(options.Levels[i % levels] * missed.Length), missed.Length - 1)];
        }
        return margins;
    }
}
