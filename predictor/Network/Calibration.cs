namespace Pipeline.Predictor.Network;

/// <summary>
/// What is done to a trained network's outputs so that they are what comes true. Logits of becoming busy are scaled and shifted (Platt 1999;
/// with the shift at 0 it is a temperature); quantiles above the median are moved away from it or towards it (split conformal prediction,
/// Romano et al., "Conformalized Quantile Regression", 2019).
/// </summary>
/// <param name="LogitScale">[H, B].</param>
/// <param name="LogitShift">[H, B].</param>
/// <param name="RiseScale">[H, Q]: factor of each quantile's distance from the lowest one; 1 for the lowest.</param>
public sealed record Calibration(float[] LogitScale, float[] LogitShift, float[] RiseScale)
{
    /// <summary>Leaves everything as it is.</summary>
    public static Calibration None(NetworkOptions options)
    {
        int horizons = options.HorizonSteps.Count, busy = horizons * options.BusyThresholds.Count, levels = horizons * options.Levels.Count;
        return new Calibration([.. Enumerable.Repeat(1f, busy)], new float[busy], [.. Enumerable.Repeat(1f, levels)]);
    }
}
