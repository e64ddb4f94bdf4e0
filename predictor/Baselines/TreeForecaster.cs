using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>Boosted trees: for each horizon one for becoming busy and one for each quantile.</summary>
public sealed class TreeForecaster : IForecaster, IDisposable
{
    /// <summary>Quantiles are fitted on every third case: more bring them nothing, and there are twelve of them.</summary>
    private const int QuantileEvery = 3;

    private readonly TraceSnapshots _trace;
    private readonly PeerFeatures _features;
    private readonly EvaluationOptions _options;
    private readonly int _columns;
    private readonly BoostedTrees[] _models;
    private readonly float[] _rows;
    private readonly double[][] _results;

    private TreeForecaster(string name, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options, int columns, BoostedTrees[] models)
    {
        (Name, _trace, _features, _options, _columns, _models) = (name, trace, features, options, columns, models);
        _rows = new float[trace.Vms.Count * columns];
        _results = [.. models.Select(_ => new double[trace.Vms.Count])];
    }

    public string Name { get; }

    public bool GivesProbabilities => true;

    /// <param name="neighbours">Whether neighbours' features are seen too.</param>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public static TreeForecaster Fit(
        string name, bool neighbours, FittingRows fit, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options, int threads, CancellationToken cancel)
    {
        int columns = neighbours ? PeerFeatures.Count : PeerFeatures.OwnCount, horizons = options.HorizonSteps.Count;
        BoostedTrees[] busy = FitBusy(fit, columns, options, threads, cancel);
        int[] chosen = fit.Every(QuantileEvery);
        BoostedTrees[] quantiles = TreeData.FitAll(
            fit.Values(chosen, columns), columns, fit.Weights(chosen),
            [.. Enumerable.Range(0, horizons).SelectMany(h => options.Levels.Select(level => (fit.Peaks(chosen, h), TreeOptions.Quantile(level))))], threads, cancel);
        return new TreeForecaster(name, trace, features, options, columns, [.. busy, .. quantiles]);
    }

    /// <summary>For each horizon, trees for becoming busy.</summary>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    internal static BoostedTrees[] FitBusy(FittingRows fit, int columns, EvaluationOptions options, int threads, CancellationToken cancel)
    {
        int[] chosen = fit.OnsetsAndReporting();
        return TreeData.FitAll(
            fit.Values(chosen, columns), columns, fit.Weights(chosen),
            [.. options.HorizonSteps.Select((_, h) => (fit.BusyLabels(chosen, h, options.BusyThreshold), TreeOptions.Classifier))], threads, cancel);
    }

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        SlotRows rows = _trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        float[] features = rows.FeaturesAt(stale);
        int vms = _trace.Vms.Count, horizons = _options.HorizonSteps.Count, levels = _options.Levels.Count;
        for (int vm = 0; vm < vms; vm++)
            _features.Write(slot, stale, vm, features, rows, _rows.AsSpan(vm * _columns, _columns));
        Parallel.For(0, _models.Length, i => _models[i].Predict(_rows, _results[i]));
        for (int vm = 0; vm < vms; vm++)
        {
            for (int h = 0; h < horizons; h++) busy[vm * horizons + h] = (float)_results[h][vm];
            for (int i = 0; i < horizons * levels; i++) quantiles[vm * horizons * levels + i] = (float)Math.Clamp(_results[horizons + i][vm], 0, 1);
        }
        // Fitted apart, quantiles may cross.
        for (int i = 0; i < vms * horizons; i++) quantiles.Slice(i * levels, levels).Sort();
    }

    public void Dispose()
    {
        foreach (BoostedTrees trees in _models) trees.Dispose();
    }
}
