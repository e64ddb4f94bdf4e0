using System.Globalization;

namespace Pipeline.Predictor.Baselines;

/// <summary>How boosted trees are fitted. The values are those of the reference measurements, where they were tuned on this task.</summary>
internal sealed record TreeOptions
{
    /// <summary>Bins of each feature, and threads; the same for a data set and all models on it.</summary>
    public const string Binning = "max_bin=127 num_threads=1 verbose=-1";

    public required string Objective { get; init; }

    public int Rounds { get; init; } = 250;

    public int Leaves { get; init; } = 31;

    public double LearningRate { get; init; } = .03;

    public double LambdaL2 { get; init; } = 20;

    public double MinHessian { get; init; } = 10;

    public int Seed { get; init; } = 1;

    /// <summary>"The peak reaches the threshold."</summary>
    public static TreeOptions Classifier { get; } = new() { Objective = "binary" };

    /// <summary>A quantile of the peak: more leaves and faster steps than a classifier, or it stays behind.</summary>
    public static TreeOptions Quantile(double level) => new()
    {
        Objective = string.Create(CultureInfo.InvariantCulture, $"quantile alpha={level}"),
        Rounds = 200,
        Leaves = 63,
        LearningRate = .1,
        LambdaL2 = 0,
        MinHessian = 1e-3,
    };

    public string ToParameters() => string.Create(
        CultureInfo.InvariantCulture,
        $"objective={Objective} num_leaves={Leaves} learning_rate={LearningRate} lambda_l2={LambdaL2} min_sum_hessian_in_leaf={MinHessian} min_data_in_leaf=100 feature_fraction=.3 bagging_fraction=.8 bagging_freq=1 force_col_wise=true seed={Seed} deterministic=true {Binning}");
}
