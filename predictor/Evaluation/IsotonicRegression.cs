namespace Pipeline.Predictor.Evaluation;

/// <summary>
/// A rising step function from scores to probabilities, fitted by pooling adjacent violators (Ayer et al. 1955). It makes
/// a raw score comparable with a probability.
/// </summary>
public sealed class IsotonicRegression
{
    private readonly float[] _from;
    private readonly float[] _probability;

    private IsotonicRegression(float[] from, float[] probability)
    {
        _from = from;
        _probability = probability;
    }

    /// <param name="score">Scores, in any order.</param>
    /// <param name="outcome">Their outcomes.</param>
    public static IsotonicRegression Fit(ReadOnlySpan<float> score, ReadOnlySpan<bool> outcome)
    {
        float[] keys = score.ToArray();
        bool[] values = outcome.ToArray();
        Array.Sort(keys, values);
        List<(float From, double Sum, int Count)> pools = [];
        for (int i = 0; i < keys.Length;)
        {
            int start = i, hits = 0;
            for (; i < keys.Length && keys[i] == keys[start]; i++) hits += values[i] ? 1 : 0;
            (float From, double Sum, int Count) pool = (keys[start], hits, i - start);
            while (pools.Count > 0 && pools[^1].Sum * pool.Count >= pool.Sum * pools[^1].Count)
            {
                pool = (pools[^1].From, pools[^1].Sum + pool.Sum, pools[^1].Count + pool.Count);
                pools.RemoveAt(pools.Count - 1);
            }
            pools.Add(pool);
        }
        return new IsotonicRegression([.. pools.Select(p => p.From)], [.. pools.Select(p => (float)(p.Sum / p.Count))]);
    }

    /// <summary>0 when nothing was fitted; a score below all fitted ones gets their lowest probability.</summary>
    public float Probability(float score)
    {
        if (_from.Length == 0) return 0;
        int at = Array.BinarySearch(_from, score);
        return _probability[at >= 0 ? at : Math.Max(~at - 1, 0)];
    }
}
