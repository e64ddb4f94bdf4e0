using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Samples;
using Pipeline.Predictor.Training;
using Pipeline.Processors.Snapshots;

namespace Pipeline.Predictor.Baselines;

/// <summary>Logistic regression on a VM's own columns, one for each horizon. It says nothing of quantiles.</summary>
public sealed class LogisticForecaster : IForecaster
{
    private const int Epochs = 4, BatchRows = 256;

    private const float LearningRate = .02f, WeightDecay = .001f, ColumnLimit = 8f;

    private readonly TraceSnapshots _trace;
    private readonly PeerFeatures _features;
    private readonly float[] _mean;
    private readonly float[] _scale;
    private readonly float[][] _weights;
    private readonly float[] _row;

    private LogisticForecaster(TraceSnapshots trace, PeerFeatures features, float[] mean, float[] scale, float[][] weights)
    {
        (_trace, _features, _mean, _scale, _weights) = (trace, features, mean, scale, weights);
        _row = new float[mean.Length];
    }

    public string Name => "logistic";

    public bool GivesProbabilities => true;

    public static LogisticForecaster Fit(FittingRows fit, TraceSnapshots trace, PeerFeatures features, EvaluationOptions options)
    {
        int columns = PeerFeatures.OwnCount;
        int[] chosen = fit.Onsets();
        float[] values = fit.Values(chosen, columns), weight = fit.Weights(chosen);
        (float[] mean, float[] scale) = Measure(values, columns);
        for (int i = 0; i < chosen.Length; i++) Standardise(values.AsSpan(i * columns, columns), mean, scale);
        float[][] weights = [.. options.HorizonSteps.Select((_, h) => Fit(values, weight, [.. fit.Peaks(chosen, h).Select(p => p >= options.BusyThreshold)], columns))];
        return new LogisticForecaster(trace, features, mean, scale, weights);
    }

    public void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy)
    {
        quantiles.Fill(float.NaN);
        SlotRows rows = _trace.Rows[slot] ?? throw new ArgumentException($"no snapshot was made of slot {slot}");
        float[] features = rows.FeaturesAt(stale);
        for (int vm = 0; vm < _trace.Vms.Count; vm++)
        {
            _features.Write(slot, stale, vm, features, rows, _row);
            Standardise(_row, _mean, _scale);
            for (int h = 0; h < _weights.Length; h++) busy[vm * _weights.Length + h] = Probability(_row, _weights[h]);
        }
    }

    /// <summary>Weights of the columns, then the constant; AdamW over batches in random order.</summary>
    private static float[] Fit(float[] values, float[] weight, bool[] outcome, int columns)
    {
        float[] weights = new float[columns + 1], gradient = new float[columns + 1];
        AdamW optimizer = new(weights.Length, WeightDecay);
        int[] order = [.. Enumerable.Range(0, outcome.Length)];
        Random random = new(1);
        int steps = Epochs * (order.Length / BatchRows);
        float mean = weight.Length == 0 ? 1 : weight.Average();
        for (int step = 0; step < steps; step++)
        {
            int at = step % (order.Length / BatchRows) * BatchRows;
            if (at == 0) random.Shuffle(order);
            Array.Clear(gradient);
            foreach (int i in order.AsSpan(at, BatchRows))
            {
                ReadOnlySpan<float> row = values.AsSpan(i * columns, columns);
                float error = (Probability(row, weights) - (outcome[i] ? 1 : 0)) * weight[i] / mean / BatchRows;
                for (int c = 0; c < columns; c++) gradient[c] += error * row[c];
                gradient[columns] += error;
            }
            optimizer.Update(weights, gradient, LearningRate * (1 - (float)step / steps));
        }
        return weights;
    }

    private static float Probability(ReadOnlySpan<float> row, float[] weights)
    {
        float z = weights[row.Length];
        for (int c = 0; c < row.Length; c++) z += weights[c] * row[c];
        return 1f / (1f + MathF.Exp(-z));
    }

    private static (float[] Mean, float[] Scale) Measure(float[] values, int columns)
    {
        float[] mean = new float[columns], scale = new float[columns];
        for (int c = 0; c < columns; c++)
        {
            (double sum, double squares, int n) = (0, 0, 0);
            for (int i = c; i < values.Length; i += columns)
                if (float.IsFinite(values[i])) (sum, squares, n) = (sum + values[i], squares + (double)values[i] * values[i], n + 1);
            double average = n == 0 ? 0 : sum / n, deviation = n == 0 ? 0 : Math.Sqrt(Math.Max(squares / n - average * average, 0));
            (mean[c], scale[c]) = ((float)average, deviation > 1e-5 ? (float)(1 / deviation) : 0f);
        }
        return (mean, scale);
    }

    private static void Standardise(Span<float> row, float[] mean, float[] scale)
    {
        for (int c = 0; c < row.Length; c++) row[c] = float.IsFinite(row[c]) ? Math.Clamp((row[c] - mean[c]) * scale[c], -ColumnLimit, ColumnLimit) : 0f;
    }
}
