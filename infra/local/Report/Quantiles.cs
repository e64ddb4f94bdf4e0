namespace Pipeline.Local.Report;

/// <summary>Quantiles of a handful of figures.</summary>
internal static class Quantiles
{
    /// <summary>The value below which a share of the figures lies; NaN without figures.</summary>
    /// <param name="sorted">Rising.</param>
    /// <param name="share">0..1.</param>
    public static double Of(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Count - 1, Math.Floor(share * sorted.Count))];
}
