using Pipeline.Predictor.Evaluation;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Learning;

/// <summary>
/// Two models on the same cases. Cases of neighbouring steps are alike, so whole hours are drawn again in the paired bootstrap (Künsch 1989, blocks that do not overlap).
/// </summary>
public static class Duel
{
    private const int Resamples = 2000, HourMs = 3_600_000;

    /// <summary>Mean losses of a model at each of some snapshots.</summary>
    /// <param name="Pinball">[snapshots]: mean over VMs, horizons and levels, in shares of a VM's cores.</param>
    /// <param name="Brier">[snapshots]: mean squared error of the probability of becoming busy, over VMs that are not.</param>
    public sealed record Losses(double[] Pinball, double[] Brier)
    {
        public double MeanPinball => Pinball.Average();

        public double MeanBrier => Brier.Average();
    }

    /// <summary>Which is better.</summary>
    /// <param name="Gain">By how much the challenger's pinball loss is lower, as a share of the served model's.</param>
    /// <param name="SurelyAtLeast">What the gain is at least, with the confidence asked for.</param>
    /// <param name="BrierGain">The same of the Brier score; NaN: nothing became busy.</param>
    /// <param name="IsBetter">The challenger takes over.</param>
    public sealed record Verdict(double Gain, double SurelyAtLeast, double BrierGain, bool IsBetter);

    /// <summary>Measures a model; what is withheld is the same for every model.</summary>
    public static Losses Measure(Scorer scorer, ISampleSet samples, int seed)
    {
        InputSignature s = scorer.Signature;
        TrainingBatch batch = new(s);
        Forecast forecast = new();
        Losses losses = new(new double[samples.Count], new double[samples.Count]);
        for (int i = 0; i < samples.Count; i++)
        {
            samples.Fill(i, seed + i, batch);
            scorer.Run(batch.Inputs, forecast);
            (losses.Pinball[i], losses.Brier[i]) = Of(s, batch, forecast);
        }
        return losses;
    }

    public static Verdict Judge(Losses served, Losses challenger, uint stepMs, LearningOptions options)
    {
        double[] gains = [.. served.Pinball.Zip(challenger.Pinball, (a, b) => a - b)];
        double least = LeastMean(gains, Math.Max(1, (int)(HourMs / stepMs)), 1 - options.Confidence, options.Seed);
        double brier = served.MeanBrier > 0 ? 1 - challenger.MeanBrier / served.MeanBrier : double.NaN;
        return new Verdict(gains.Average() / served.MeanPinball, least / served.MeanPinball, brier, least > 0 && !(brier < -options.BrierSlack));
    }

    /// <summary>A low quantile of the mean, over samples of whole blocks drawn with replacement.</summary>
    internal static double LeastMean(double[] values, int block, double quantile, int seed)
    {
        double[][] blocks = [.. values.Chunk(block)];
        Random random = new(seed);
        double[] means = new double[Resamples];
        for (int r = 0; r < Resamples; r++)
        {
            (double sum, int count) = (0, 0);
            for (int b = 0; b < blocks.Length; b++)
            {
                double[] drawn = blocks[random.Next(blocks.Length)];
                (sum, count) = (sum + drawn.Sum(), count + drawn.Length);
            }
            means[r] = sum / count;
        }
        Array.Sort(means);
        return means[(int)(quantile * Resamples)];
    }

    private static (double Pinball, double Brier) Of(InputSignature s, TrainingBatch batch, Forecast forecast)
    {
        (int h, int q, int b) = (s.HorizonSteps.Count, s.Levels.Count, s.BusyThresholds.Count);
        (double pinball, double weight, double brier, double onsets) = (0, 0, 0, 0);
        for (int row = 0; row < batch.Queries; row++)
        {
            double w = batch.RowWeight[row], onset = batch.Now[row] < s.BusyThresholds[^1] ? w : 0;
            (weight, onsets) = (weight + w, onsets + onset);
            for (int i = 0; i < h; i++)
            {
                float peak = batch.Target[row * h + i];
                for (int l = 0; l < q; l++) pinball += w * Measures.Pinball(peak, forecast.PeakQuantile[(row * h + i) * q + l], s.Levels[l]) / (h * q);
                double error = forecast.BusyProbability[(row * h + i) * b + b - 1] - (peak >= s.BusyThresholds[^1] ? 1 : 0);
                brier += onset * error * error / h;
            }
        }
        return (weight > 0 ? pinball / weight : 0, onsets > 0 ? brier / onsets : 0);
    }
}
