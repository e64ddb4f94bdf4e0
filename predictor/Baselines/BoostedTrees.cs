namespace Pipeline.Predictor.Baselines;

/// <summary>
/// A fitted model of LightGBM (Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", 2017). Works on the caller's thread alone;
/// several may ask it at the same time.
/// </summary>
internal sealed class BoostedTrees : IDisposable
{
    private const string Parameters = "num_threads=1 verbose=-1";

    private readonly nint _booster;
    private readonly int _columns;

    internal BoostedTrees(nint booster, int columns)
    {
        (_booster, _columns) = (booster, columns);
    }

    /// <summary>Probabilities or quantiles of rows [n, columns].</summary>
    /// <param name="result">[n].</param>
    public void Predict(ReadOnlySpan<float> values, Span<double> result)
    {
        int rows = values.Length / _columns;
        ArgumentOutOfRangeException.ThrowIfLessThan(result.Length, rows);
        if (rows == 0) return;
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterPredictForMat(
            _booster, in values[0], LightGbmNative.Float32, rows, _columns, 1, 0, 0, -1, Parameters, out _, ref result[0]));
    }

    public void Dispose() => _ = LightGbmNative.LGBM_BoosterFree(_booster);
}
