namespace Pipeline.Predictor.Baselines;

/// <summary>Rows to fit trees on, binned once for all models that learn from them.</summary>
internal sealed class TreeData : IDisposable
{
    private readonly nint _dataset;

    /// <param name="values">[rows, columns]; NaN: missing.</param>
    /// <param name="weight">[rows].</param>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public TreeData(float[] values, int columns, float[] weight)
    {
        (Rows, Columns) = (weight.Length, columns);
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetCreateFromMat(
            in values[0], LightGbmNative.Float32, Rows, columns, 1, TreeOptions.Binning, 0, out _dataset));
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(_dataset, "weight", in weight[0], Rows, LightGbmNative.Float32));
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Fits a model.</summary>
    /// <param name="label">[rows].</param>
    public BoostedTrees Fit(float[] label, TreeOptions options, CancellationToken cancel)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(_dataset, "label", in label[0], Rows, LightGbmNative.Float32));
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterCreate(_dataset, options.ToParameters(), out nint booster));
        for (int round = 0, finished = 0; round < options.Rounds && finished == 0; round++)
        {
            cancel.ThrowIfCancellationRequested();
            LightGbmNative.Check(LightGbmNative.LGBM_BoosterUpdateOneIter(booster, out finished));
        }
        return new BoostedTrees(booster, Columns, options.Threads);
    }

    public void Dispose() => _ = LightGbmNative.LGBM_DatasetFree(_dataset);
}
