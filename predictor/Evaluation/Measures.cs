namespace Pipeline.Predictor.Evaluation;

/// <summary>
/// Measures of forecasts. Probabilities are for "busy", outcomes true where it came so; a higher score means busier.
/// Where a measure is not defined (no case, or all cases alike) it is NaN.
/// </summary>
public static class Measures
{
    /// <summary>Bins of equal mass in <see cref="CalibrationError"/>.</summary>
    public const int CalibrationBins = 15;

    /// <summary>Probabilities are kept this far from 0 and 1 in <see cref="LogLoss"/>.</summary>
    private const double ProbabilityMin = 1e-6;

    /// <summary>A value this much above a quantile still counts as covered: float rounding is no miss.</summary>
    private const float CoverageSlack = 1e-6f;

    public static double BaseRate(ReadOnlySpan<bool> outcome)
    {
        int positive = 0;
        foreach (bool y in outcome) positive += y ? 1 : 0;
        return outcome.Length == 0 ? double.NaN : (double)positive / outcome.Length;
    }

    /// <summary>Area under the ROC curve: the chance that a positive case scores above a negative one, ties counted half.</summary>
    public static double Auroc(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> score)
    {
        int[] order = Ascending(score);
        double rankSum = 0, positives = 0;
        for (int start = 0; start < order.Length;)
        {
            int end = start, hits = 0;
            for (; end < order.Length && score[order[end]] == score[order[start]]; end++) hits += outcome[order[end]] ? 1 : 0;
            rankSum += hits * (start + end + 1) / 2.0;
            positives += hits;
            start = end;
        }
        double negatives = order.Length - positives;
        return positives == 0 || negatives == 0 ? double.NaN : (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
    }

    /// <summary>Average precision: precision at each score, weighted by the recall won there.</summary>
    public static double AveragePrecision(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> score)
    {
        int[] order = Ascending(score);
        double positives = 0, sum = 0;
        int seen = 0;
        for (int end = order.Length; end > 0;)
        {
            int start = end, hits = 0;
            for (; start > 0 && score[order[start - 1]] == score[order[end - 1]]; start--) hits += outcome[order[start - 1]] ? 1 : 0;
            positives += hits;
            seen += end - start;
            sum += hits * positives / seen;
            end = start;
        }
        return positives == 0 ? double.NaN : sum / positives;
    }

    /// <summary>1 less the Brier score's ratio to that of always saying the base rate: 1 is perfect, 0 worth nothing.</summary>
    public static double BrierSkill(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> probability)
    {
        double error = 0, rate = BaseRate(outcome);
        for (int i = 0; i < outcome.Length; i++)
        {
            double e = probability[i] - (outcome[i] ? 1 : 0);
            error += e * e;
        }
        double reference = rate * (1 - rate);
        return reference > 0 ? 1 - error / outcome.Length / reference : double.NaN;
    }

    public static double LogLoss(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> probability)
    {
        double sum = 0;
        for (int i = 0; i < outcome.Length; i++)
        {
            double p = Math.Clamp(probability[i], ProbabilityMin, 1 - ProbabilityMin);
            sum -= Math.Log(outcome[i] ? p : 1 - p);
        }
        return outcome.Length == 0 ? double.NaN : sum / outcome.Length;
    }

    /// <summary>Expected calibration error: the mean distance of probability and frequency over bins of equal mass.</summary>
    public static double CalibrationError(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> probability)
    {
        if (outcome.Length == 0) return double.NaN;
        int[] order = Ascending(probability);
        double error = 0;
        int start = 0;
        for (int bin = 0; bin < CalibrationBins; bin++)
        {
            int size = order.Length / CalibrationBins + (bin < order.Length % CalibrationBins ? 1 : 0);
            double difference = 0;
            for (int i = start; i < start + size; i++) difference += probability[order[i]] - (outcome[order[i]] ? 1 : 0);
            error += Math.Abs(difference);
            start += size;
        }
        return error / order.Length;
    }

    /// <summary>Mean probability and frequency of each bin of equal mass, lowest probabilities first; bins are those of <see cref="CalibrationError"/>.</summary>
    public static (double Probability, double Frequency)[] Reliability(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> probability)
    {
        int[] order = Ascending(probability);
        List<(double, double)> bins = [];
        for (int bin = 0, start = 0; bin < CalibrationBins; bin++)
        {
            int size = order.Length / CalibrationBins + (bin < order.Length % CalibrationBins ? 1 : 0);
            (double sum, int hits) = (0, 0);
            for (int i = start; i < start + size; i++) (sum, hits) = (sum + probability[order[i]], hits + (outcome[order[i]] ? 1 : 0));
            if (size > 0) bins.Add((sum / size, (double)hits / size));
            start += size;
        }
        return [.. bins];
    }

    /// <summary>Recall and precision at so many thresholds, evenly spread over the recall.</summary>
    public static (double Recall, double Precision)[] PrecisionRecall(ReadOnlySpan<bool> outcome, ReadOnlySpan<float> score, int points)
    {
        int[] order = Ascending(score);
        int positives = 0, hits = 0;
        foreach (bool y in outcome) positives += y ? 1 : 0;
        List<(double, double)> curve = [];
        for (int seen = 1; seen <= order.Length && hits < positives; seen++)
        {
            int i = order[^seen];
            hits += outcome[i] ? 1 : 0;
            bool tied = seen < order.Length && score[order[^(seen + 1)]] == score[i];
            if (!tied && hits * points / positives > curve.Count) curve.Add(((double)hits / positives, (double)hits / seen));
        }
        return [.. curve];
    }

    /// <summary>Mean pinball loss of a quantile, in the unit of the values.</summary>
    public static double Pinball(ReadOnlySpan<float> actual, ReadOnlySpan<float> quantile, double level)
    {
        double sum = 0;
        for (int i = 0; i < actual.Length; i++) sum += Pinball(actual[i], quantile[i], level);
        return actual.Length == 0 ? double.NaN : sum / actual.Length;
    }

    /// <summary>Pinball loss of one quantile.</summary>
    public static double Pinball(float actual, float quantile, double level)
    {
        double e = actual - quantile;
        return Math.Max(level * e, (level - 1) * e);
    }

    /// <summary>Share of values that are not above their quantile.</summary>
    public static double Coverage(ReadOnlySpan<float> actual, ReadOnlySpan<float> quantile)
    {
        int covered = 0;
        for (int i = 0; i < actual.Length; i++) covered += actual[i] <= quantile[i] + CoverageSlack ? 1 : 0;
        return actual.Length == 0 || float.IsNaN(quantile[0]) ? double.NaN : (double)covered / actual.Length;
    }

    private static int[] Ascending(ReadOnlySpan<float> values)
    {
        int[] order = new int[values.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        float[] keys = values.ToArray();
        Array.Sort(keys, order);
        // Ties in the order of the cases, as a stable sort has them: bins of calibration may cut through them.
        for (int start = 0, end; start < keys.Length; start = end)
        {
            for (end = start + 1; end < keys.Length && keys[end] == keys[start];) end++;
            if (end - start > 1) Array.Sort(order, start, end - start);
        }
        return order;
    }
}
