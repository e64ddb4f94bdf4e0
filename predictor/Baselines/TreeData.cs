namespace Pipeline.Predictor.Baselines;

/// <summary>Rows to fit trees on, binned once for the models that learn from them one after the other.</summary>
internal sealed class TreeData : IDisposable
{
    private readonly nint _dataset;
    private readonly int _rows;
    private readonly int _columns;

    /// <param name="values">[rows, columns]; NaN: missing.</param>
    /// <param name="weight">[rows].</param>
    private TreeData(float[] values, int columns, float[] weight)
    {
        (_rows, _columns) = (weight.Length, columns);
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetCreateFromMat(
            in values[0], LightGbmNative.Float32, _rows, columns, 1, TreeOptions.Binning, 0, out _dataset));
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(_dataset, "weight", in weight[0], _rows, LightGbmNative.Float32));
    }

    /// <summary>
    /// Fits models on the same rows, as many at a time as there are threads, each on one: threads that grow a tree together wait for each other
    /// at every leaf, and for long where the machine has other work.
    /// </summary>
    /// <param name="models">Labels, [rows], and options of each.</param>
    /// <exception cref="DllNotFoundException">There is no LightGBM for this machine.</exception>
    public static BoostedTrees[] FitAll(
        float[] values, int columns, float[] weight, IReadOnlyList<(float[] Label, TreeOptions Options)> models, int threads, CancellationToken cancel)
    {
        LightGbmNative.EnsureLoaded();
        BoostedTrees[] fitted = new BoostedTrees[models.Count];
        int lanes = Math.Min(threads, models.Count);
        Parallel.For(0, lanes, new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancel }, lane =>
        {
            // A lane of its own: labels are set on the rows that a model learns from.
            using TreeData data = new(values, columns, weight);
            for (int i = lane; i < models.Count; i += lanes) fitted[i] = data.Fit(models[i].Label, models[i].Options, cancel);
        });
        return fitted;
    }

    /// <summary>Fits a model.</summary>
    /// <param name="label">[rows].</param>
    private BoostedTrees Fit(float[] label, TreeOptions options, CancellationToken cancel)
    {
        LightGbmNative.Check(LightGbmNative.LGBM_DatasetSetField(_dataset, "label", in label[0], _rows, LightGbmNative.Float32));
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterCreate(_dataset, options.ToParameters(), out nint booster));
        for (int round = 0, finished = 0; round < options.Rounds && finished == 0; round++)
        {
            cancel.ThrowIfCancellationRequested();
            LightGbmNative.Check(LightGbmNative.LGBM_BoosterUpdateOneIter(booster, out finished));
        }
        return new BoostedTrees(booster, _columns);
    }

    public void Dispose() => _ = LightGbmNative.LGBM_DatasetFree(_dataset);
}
