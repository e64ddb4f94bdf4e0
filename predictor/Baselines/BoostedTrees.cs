using System.Globalization;

namespace Pipeline.Predictor.Baselines;

/// <summary>A fitted model of LightGBM (Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", 2017).</summary>
internal sealed class BoostedTrees : IDisposable
{
    private readonly nint _booster;
    private readonly int _columns;
    private readonly string _parameters;
    private double[] _result = [];

    internal BoostedTrees(nint booster, int columns, int threads)
    {
        (_booster, _columns) = (booster, columns);
        _parameters = string.Create(CultureInfo.InvariantCulture, $"num_threads={threads} verbose=-1");
    }

    /// <summary>Probabilities or quantiles of rows [n, columns]; valid until the next call.</summary>
    public ReadOnlySpan<double> Predict(ReadOnlySpan<float> values)
    {
        int rows = values.Length / _columns;
        if (rows == 0) return [];
        if (_result.Length < rows) _result = new double[rows];
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterPredictForMat(
            _booster, in values[0], LightGbmNative.Float32, rows, _columns, 1, 0, 0, -1, _parameters, out _, ref _result[0]));
        return _result.AsSpan(0, rows);
    }

    public void Dispose() => _ = LightGbmNative.LGBM_BoosterFree(_booster);
}
