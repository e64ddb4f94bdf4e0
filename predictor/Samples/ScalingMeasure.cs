using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Samples;

/// <summary>Measures, on training samples, how inputs vary.</summary>
public static class ScalingMeasure
{
    /// <summary>So many samples are looked at: means of hundreds of thousands of values do not change any more.</summary>
    private const int SamplesMax = 512;

    /// <summary>A standard deviation below this is rounding.</summary>
    private const double DeviationMin = 1e-5;

    public static InputScaling Of(ISampleSet samples, InputSignature signature, int seed)
    {
        TrainingBatch batch = new(signature);
        int channels = batch.Inputs.Channels, features = signature.Features.Count, step = Math.Max(1, samples.Count / SamplesMax);
        Moments[] channel = NewMoments(channels), feature = NewMoments(features);
        for (int i = 0; i < samples.Count; i += step)
        {
            samples.Fill(i, seed + i, batch);
            InputBuffers inputs = batch.Inputs;
            for (int j = 0; j < inputs.Rows * signature.WindowSteps * channels; j++) channel[j % channels].Add(inputs.Window[j]);
            for (int j = 0; j < inputs.Rows * features; j++) feature[j % features].Add(inputs.Features[j]);
        }
        return new InputScaling(
            [.. channel.Select(m => m.Deviation > DeviationMin ? 1f : 0f)],
            [.. feature.Select(m => (float)m.Mean)],
            [.. feature.Select(m => m.Deviation > DeviationMin ? (float)(1 / m.Deviation) : 0f)]);
    }

    private static Moments[] NewMoments(int count) => [.. Enumerable.Range(0, count).Select(_ => new Moments())];

    private sealed class Moments
    {
        private double _sum;
        private double _squares;
        private long _count;

        public double Mean => _count == 0 ? 0 : _sum / _count;

        public double Deviation => _count == 0 ? 0 : Math.Sqrt(Math.Max(_squares / _count - Mean * Mean, 0));

        public void Add(float value)
        {
            if (float.IsNaN(value)) return;
            _sum += value;
            _squares += (double)value * value;
            _count++;
        }
    }
}
