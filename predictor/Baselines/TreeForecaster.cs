using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>Boosted trees: for each horizon one for becoming busy, fitted on onset cases, and one for each quantile, fitted on all.</summary>
public sealed class TreeForecaster : IForecaster, IDisposable
{
    /// <summary>Quantiles are fitted on every third case: more bring them nothing, and there are twelve of them.</summary>
    private const int QuantileEvery = 3;

    private readonly TraceSnapshots _trace;
    private readonly PeerFeatures _features;
    private readonly EvaluationOptions _options;
    private readonly int _columns;
    private readonly BoostedTrees[] _busy;
    private readonly BoostedTrees[] _quantiles;
    private readonly float[] _rows;

    private TreeForecaster(string name, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options, int columns, BoostedTrees[] busy, BoostedTrees[] quantiles)
    {
        (Name, _trace, _features, _options, _columns, _busy, _quantiles) = (name, trace, features, options, columns, busy, quantiles);
        _rows = new float[trace.Vms.Count * columns];
    }

    public string Name { get; }

    public bool GivesProbabilities => true;

    /// <param name="neighbours">Whether neighbours' features are seen too.</param>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public static TreeForecaster Fit(
        string name, bool neighbours, FittingRows fit, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options, int threads, CancellationToken cancel)
    {
        int columns = neighbours ? PeerFeatures.Count : PeerFeatures.OwnCount, horizons = options.HorizonSteps.Count;
        BoostedTrees[] busy = new BoostedTrees[horizons], quantiles = new BoostedTrees[horizons * options.Levels.Count];
        int[] chosen = fit.Choose(onsets: true, every: 1);
        using (TreeData data = new(fit.Values(chosen, columns), columns, fit.Weights(chosen)))
        {
            for (int h = 0; h < horizons; h++)
                busy[h] = data.Fit([.. fit.Peaks(chosen, h).Select(p => p >= options.BusyThreshold ? 1f : 0f)], TreeOptions.Classifier(threads), cancel);
        }
        chosen = fit.Choose(onsets: false, QuantileEvery);
        using (TreeData data = new(fit.Values(chosen, columns), columns, fit.Weights(chosen)))
        {
            for (int i = 0; i < quantiles.Length; i++)
                quantiles[i] = data.Fit(fit.Peaks(chosen, i / options.Levels.Count), TreeOptions.Quantile(options.Levels[i % options.Levels.Count], threads), cancel);
        }
        return new TreeForecaster(name, trace, features, options, columns, busy, quantiles);
    }

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        SlotRows rows = _trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        float[] features = rows.FeaturesAt(stale);
        int vms = _trace.Vms.Count, horizons = _busy.Length, levels = _options.Levels.Count;
        for (int vm = 0; vm < vms; vm++)
            _features.Write(slot, stale, vm, features.AsSpan(vm * FeatureSet.Count, FeatureSet.Count), rows, _rows.AsSpan(vm * _columns, _columns));
        for (int h = 0; h < horizons; h++)
        {
            ReadOnlySpan<double> p = _busy[h].Predict(_rows);
            for (int vm = 0; vm < vms; vm++) busy[vm * horizons + h] = (float)p[vm];
        }
        for (int i = 0; i < _quantiles.Length; i++)
        {
            ReadOnlySpan<double> q = _quantiles[i].Predict(_rows);
            for (int vm = 0; vm < vms; vm++) quantiles[vm * horizons * levels + i] = (float)Math.Clamp(q[vm], 0, 1);
        }
        // Fitted apart, quantiles may cross.
        for (int i = 0; i < vms * horizons; i++) quantiles.Slice(i * levels, levels).Sort();
    }

    public void Dispose()
    {
        foreach (BoostedTrees trees in _busy.Concat(_quantiles)) trees.Dispose();
    }
}
