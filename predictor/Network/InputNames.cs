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

    /// <summary>float32 [queries, n], serving only: what the first half says of the VMs to be forecast, of which each needs what is of itself.</summary>
    public const string Own = "own";

    /// <summary>float32 [rows, n], serving only: what the first half says of all VMs for their neighbours.</summary>
    public const string Keys = "keys";

    /// <summary>float32 [rows, T] or [rows, T + 1], serving only: logarithm of the utilisation of all VMs, and where it is known of its spread.</summary>
    public const string History = "history";

    /// <summary>
    /// int64 [queries, 1], training only: rows whose forecasts are wanted. All other inputs of the loss, and neighbours and weights, are
    /// then [queries, ...] instead of [rows, ...].
    /// </summary>
    public const string Queries = "queries";

    /// <summary>int64 [queries, K]: rows of the neighbours; the row itself where there are fewer.</summary>
    public const string Neighbours = "neighbours";

    /// <summary>float32 [queries, K]: correlation with each neighbour; 0 where there are fewer.</summary>
    public const string Weights = "weights";

    /// <summary>float32 [rows, H], training only: peak utilisation over each horizon.</summary>
    public const string Target = "target";

    /// <summary>
    /// float32 [rows, H, B], training only: whether the peak reaches each threshold, 1 or 0, or between them where a teacher's belief is mixed in.
    /// </summary>
    public const string Reached = "reached";

    /// <summary>float32 [rows, 1], training only: what a row counts.</summary>
    public const string RowWeight = "row_weight";

    /// <summary>float32 [rows, 1], training only: utilisation now, by the truth. Of thresholds that a silent VM has reached already nothing is learned.</summary>
    public const string Now = "now";

    /// <summary>float32 [queries, H, Q], output: quantiles of the peak utilisation.</summary>
    public const string PeakQuantile = "peak_quantile";

    /// <summary>float32 [queries, H, B], output: probability that the peak reaches each threshold; of a VM whose newest reports are missing, as if it were below it now.</summary>
    public const string BusyProbability = "busy_probability";

    /// <summary>The output of a serving graph's first half that is this input of its second.</summary>
    public static string Encoded(string input) => "encoded_" + input;
}
