using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Training;

public sealed class DropoutMasksTests
{
    [Fact]
    public void As_much_is_left_out_as_was_asked_and_what_stays_makes_up_for_it()
    {
        float[] mask = Mask(seed: 1, InputNames.StateMask);
        Assert.Equal(200 * 64, mask.Length);
        Assert.All(mask, m => Assert.True(m is 0f or 1.25f, $"{m}"));
        Assert.InRange(mask.Average(), 0.98, 1.02);
    }

    [Fact]
    public void The_seed_decides()
    {
        Assert.Equal(Mask(1, InputNames.StateMask), Mask(1, InputNames.StateMask));
        Assert.NotEqual(Mask(1, InputNames.StateMask), Mask(2, InputNames.StateMask));
        Assert.NotEqual(Mask(1, InputNames.StateMask)[..(50 * 64)], Mask(1, InputNames.AttendedMask));
    }

    private static float[] Mask(int seed, string name)
    {
        DropoutMasks masks = new(share: 0.2f, width: 64);
        masks.Draw(seed, rows: 200, queries: 50);
        Dictionary<string, OrtValue> inputs = [];
        masks.Bind(inputs, rows: 200, queries: 50);
        float[] mask = inputs[name].GetTensorDataAsSpan<float>().ToArray();
        foreach (OrtValue value in inputs.Values) value.Dispose();
        return mask;
    }
}
