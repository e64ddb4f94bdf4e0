namespace Pipeline.Predictor.Network;

/// <summary>Names and meanings of the inputs and outputs of the graphs.</summary>
public static class InputNames
{
    /// <summary>
    /// float32 [rows, T, C]: newest step last. The first channel is CPU utilisation, 0..1. Unknown values are carried
    /// forward from the newest known step, 0 before the first; masks tell which are known.
    /// </summary>
    public const string Window = "window";

    /// <summary>float32 [rows, S], NaN where unknown.</summary>
    public const string Features = "features";

    /// <summary>float32 [rows, 1]: steps since the newest known own CPU utilisation; T when there is none in the window.</summary>
    public const string Age = "age";

    /// <summary>
    /// int64 [queries, 1], training only: rows whose forecasts are wanted. All other inputs of the loss, and neighbours and weights, are
    /// then [queries, ...] instead of [rows, ...].
    /// </summary>
    public const string Queries = "queries";

    /// <summary>int64 [rows, K]: rows of the neighbours; the row itself where there are fewer.</summary>
    public const string Neighbours = "neighbours";

    /// <summary>float32 [rows, K]: correlation with each neighbour; 0 where there are fewer.</summary>
    public const string Weights = "weights";

    /// <summary>float32 [rows, H], training only: peak utilisation over each horizon.</summary>
    public const string Target = "target";

    /// <summary>float32 [rows, 1], training only: what a row counts.</summary>
    public const string RowWeight = "row_weight";

    /// <summary>float32 [rows, 1], training only: utilisation now, by the truth. Of thresholds that are reached already nothing is learned.</summary>
    public const string Now = "now";

    /// <summary>float32 [rows, H, Q], output: quantiles of the peak utilisation.</summary>
    public const string PeakQuantile = "peak_quantile";

    /// <summary>float32 [rows, H, B], output: probability that the peak reaches each threshold, of a VM that is below it now.</summary>
    public const string BusyProbability = "busy_probability";
}
