using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Samples;

/// <summary>Fits a <see cref="Calibration"/> on samples that the network was not trained on.</summary>
public sealed class CalibrationFit
{
    /// <summary>A distance from the median below this is taken for this, in shares of a VM's cores: of nothing no multiple can be made.</summary>
    private const float RiseMin = 1e-3f;

    /// <summary>Probabilities are kept this far from 0 and 1 when logits are made of them again.</summary>
    private const float ProbabilityMin = 1e-7f;

    /// <summary>
    /// Leaving the logits as they are counts as much as so many VMs becoming busy: those of one day are few VMs, the same ones again and again, and what they say of
    /// another day is little.
    /// </summary>
    private const double PriorOnsets = 100;

    /// <summary>A typical logit of a VM that becomes busy, squared: a change of the scale moves it so many times as much as one of the shift.</summary>
    private const double LogitSquare = 10;

    private const int NewtonSteps = 25;

    private readonly InputSignature _signature;
    private readonly List<float> _weight = [];
    private readonly List<float> _target = [];
    private readonly List<float> _quantiles = [];
    private readonly List<float> _now = [];
    private readonly List<float> _busy = [];

    private CalibrationFit(InputSignature signature)
    {
        _signature = signature;
    }

    /// <param name="scorer">The network as it was trained.</param>
    /// <param name="samples">Samples with own reports withheld at random, as in training.</param>
    public static Calibration Of(Scorer scorer, ISampleSet samples, int seed)
    {
        CalibrationFit fit = new(scorer.Signature);
        TrainingBatch batch = new(scorer.Signature);
        Forecast forecast = new();
        for (int i = 0; i < samples.Count; i++)
        {
            samples.Fill(i, seed + i, batch);
            scorer.Run(batch.Inputs, forecast);
            fit.Add(batch, forecast);
        }
        return fit.Fit();
    }

    private void Add(TrainingBatch batch, Forecast forecast)
    {
        (int h, int q, int b) = (_signature.HorizonSteps.Count, _signature.Levels.Count, _signature.BusyThresholds.Count);
        _weight.AddRange(batch.RowWeight.AsSpan(0, batch.Queries));
        _target.AddRange(batch.Target.AsSpan(0, batch.Queries * h));
        _now.AddRange(batch.Now.AsSpan(0, batch.Queries));
        _quantiles.AddRange(forecast.PeakQuantile.AsSpan(0, batch.Queries * h * q));
        _busy.AddRange(forecast.BusyProbability.AsSpan(0, batch.Queries * h * b));
    }

    private Calibration Fit()
    {
        (int h, int q, int b) = (_signature.HorizonSteps.Count, _signature.Levels.Count, _signature.BusyThresholds.Count);
        float[] scale = new float[h * b], shift = new float[h * b], rise = new float[h * q];
        for (int i = 0; i < h * b; i++) (scale[i], shift[i]) = FitLogit(i / b, i % b);
        for (int i = 0; i < h * q; i++) rise[i] = i % q == 0 ? 1f : FitRise(i / q, i % q);
        return new Calibration(scale, shift, rise);
    }

    /// <summary>Scale and shift of the highest likelihood, held near 1 and 0 (see <see cref="PriorOnsets"/>), by Newton's method.</summary>
    private (float Scale, float Shift) FitLogit(int horizon, int threshold)
    {
        (int h, int b) = (_signature.HorizonSteps.Count, _signature.BusyThresholds.Count);
        (double scale, double shift, double prior) = (1, 0, PriorOnsets * OnsetWeight(horizon, threshold));
        for (int step = 0; step < NewtonSteps; step++)
        {
            (double g0, double g1, double h00, double h01, double h11) = (prior * shift, prior * LogitSquare * (scale - 1), prior, 0, prior * LogitSquare);
            for (int i = 0; i < _weight.Count; i++)
            {
                double w = _now[i] < _signature.BusyThresholds[threshold] ? _weight[i] : 0, p0 = Math.Clamp(_busy[(i * h + horizon) * b + threshold], ProbabilityMin, 1 - ProbabilityMin);
                if (w == 0) continue;
                double z = Math.Log(p0 / (1 - p0)), p = 1 / (1 + Math.Exp(-(scale * z + shift)));
                double error = w * (p - (_target[i * h + horizon] >= _signature.BusyThresholds[threshold] ? 1 : 0)), curve = w * p * (1 - p);
                (g0, g1, h00, h01, h11) = (g0 + error, g1 + error * z, h00 + curve, h01 + curve * z, h11 + curve * z * z);
            }
            double determinant = h00 * h11 - h01 * h01;
            if (determinant <= 0) break;
            (double toShift, double toScale) = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
            (scale, shift) = (scale - toScale, shift - toShift);
            if (Math.Abs(toShift) + Math.Abs(toScale) < 1e-6) break;
        }
        return double.IsFinite(scale) && double.IsFinite(shift) && scale is > .2 and < 5 ? ((float)scale, (float)shift) : (1f, 0f);
    }

    /// <summary>What one VM that becomes busy counts in the mean; where none does, what any VM counts.</summary>
    private double OnsetWeight(int horizon, int threshold)
    {
        int h = _signature.HorizonSteps.Count;
        float[] onsets = [.. _weight.Where((_, i) => _now[i] < _signature.BusyThresholds[threshold] && _target[i * h + horizon] >= _signature.BusyThresholds[threshold])];
        return onsets.Length > 0 ? onsets.Average() : _weight.DefaultIfEmpty(1).Average();
    }

    /// <summary>The factor of a quantile's distance from the median by which the share of the peaks at or below it becomes its level.</summary>
    private float FitRise(int horizon, int level)
    {
        (int h, int q) = (_signature.HorizonSteps.Count, _signature.Levels.Count);
        float[] score = new float[_weight.Count], weight = [.. _weight];
        for (int i = 0; i < score.Length; i++)
        {
            int at = (i * h + horizon) * q;
            score[i] = (_target[i * h + horizon] - _quantiles[at]) / Math.Max(_quantiles[at + level] - _quantiles[at], RiseMin);
        }
        Array.Sort(score, weight);
        double wanted = _signature.Levels[level] * weight.Sum(w => (double)w), sum = 0;
        for (int i = 0; i < score.Length; i++)
            if ((sum += weight[i]) >= wanted) return Math.Clamp(score[i], .2f, 5f);
        return 1f;
    }
}
