using Microsoft.ML.OnnxRuntime;
using Pipeline.Infra.Randomness;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Training;

/// <summary>
/// Random masks for the hidden states of one batch, an input of the training graph so that the seed alone decides (Srivastava et al.,
/// "Dropout", 2014): 0, or what makes up for those that are 0.
/// </summary>
/// <param name="share">Share of values that are left out, 0 to below 1.</param>
/// <param name="width">Width of the hidden states.</param>
public sealed class DropoutMasks(float share, int width)
{
    private float[] _state = [];
    private float[] _attended = [];

    /// <summary>Draws masks for a batch.</summary>
    public void Draw(int seed, int rows, int queries)
    {
        SplitMix random = new((ulong)(uint)seed);
        Draw(ref _state, rows * width, random.For(0));
        Draw(ref _attended, queries * width, random.For(1));
    }

    /// <summary>Adds the masks to a graph's inputs; the caller disposes of them.</summary>
    public void Bind(IDictionary<string, OrtValue> inputs, int rows, int queries)
    {
        inputs[InputNames.StateMask] = Value(_state, rows);
        inputs[InputNames.AttendedMask] = Value(_attended, queries);
    }

    private void Draw(ref float[] mask, int length, SplitMix random)
    {
        if (mask.Length < length) mask = new float[length];
        float kept = 1 / (1 - share);
        for (int i = 0; i < length; i++) mask[i] = random.NextDouble() < share ? 0f : kept;
    }

    private OrtValue Value(float[] mask, int rows) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, mask.AsMemory(0, rows * width), [rows, width]);
}
