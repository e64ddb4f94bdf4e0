namespace Pipeline.Predictor.Models;

/// <summary>How a feature was distributed in training, by which its drift is told.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Edges">Rising: bin i holds what is at or below edge i and above the one before; the last bin what is above all of them.</param>
/// <param name="Shares">[edges + 2]: share of the rows in each bin, and of those in which it is unknown; they sum up to 1.</param>
public sealed record FeatureBins(string Feature, float[] Edges, float[] Shares)
{
    /// <summary>The bin of a value.</summary>
    public int BinOf(float value)
    {
        if (float.IsNaN(value)) return Edges.Length + 1;
        int at = Array.BinarySearch(Edges, value);
        return at >= 0 ? at : ~at;
    }
}
