using Pipeline.Predictor.Explanation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Skill;

/// <summary>
/// Measures on training samples how features are distributed: in tenths of the rows, fewer where a value is frequent. Calendar and sizes are left out: a day's hours are
/// no drift, and sizes are withheld at random in training.
/// </summary>
public static class FeatureBinsMeasure
{
    private const int SamplesMax = 256, Bins = 10, RowsMax = 200_000;

    public static IReadOnlyList<FeatureBins> Of(ISampleSet samples, InputSignature signature, int seed)
    {
        int[] columns = [.. FeatureGroups.Of(signature).Where(g => g.Group is FeatureGroups.OwnPast or FeatureGroups.SameTime).SelectMany(g => g.Columns).Order()];
        List<float>[] values = [.. columns.Select(_ => new List<float>())];
        List<float> weights = [];
        TrainingBatch batch = new(signature);
        int step = Math.Max(1, samples.Count / SamplesMax);
        for (int i = 0; i < samples.Count && weights.Count < RowsMax; i += step)
        {
            samples.Fill(i, seed + i, batch);
            for (int row = 0; row < batch.Queries; row++)
            {
                // Rows are drawn with unequal chances; each counts for those that it stands for.
                weights.Add(batch.RowWeight[row]);
                for (int c = 0; c < columns.Length; c++) values[c].Add(batch.Inputs.Features[row * signature.Features.Count + columns[c]]);
            }
        }
        return [.. columns.Select((column, c) => Of(signature.Features[column], [.. values[c]], [.. weights]))];
    }

    /// <summary>Bins of one feature.</summary>
    /// <param name="values">NaN: unknown.</param>
    /// <param name="weights">What each counts.</param>
    public static FeatureBins Of(string feature, float[] values, float[] weights)
    {
        float[] keys = (float[])values.Clone(), order = (float[])weights.Clone();
        // NaN comes first in the order of floats.
        Array.Sort(keys, order);
        double known = 0, all = 0, seen = 0;
        for (int i = 0; i < keys.Length; i++) (known, all) = (known + (float.IsNaN(keys[i]) ? 0 : order[i]), all + order[i]);
        List<float> edges = [];
        for (int i = 0; i < keys.Length; i++)
        {
            if (float.IsNaN(keys[i])) continue;
            seen += order[i];
            bool last = i + 1 < keys.Length && keys[i + 1] == keys[i];
            if (!last && seen * Bins >= known * (edges.Count + 1) && i + 1 < keys.Length) edges.Add(keys[i]);
        }
        FeatureBins bins = new(feature, [.. edges], new float[edges.Count + 2]);
        double[] sums = new double[bins.Shares.Length];
        for (int i = 0; i < values.Length; i++) sums[bins.BinOf(values[i])] += weights[i];
        for (int b = 0; b < sums.Length; b++) bins.Shares[b] = (float)(all > 0 ? sums[b] / all : 0);
        return bins;
    }
}
