using Pipeline.Predictor.Scoring;

namespace Pipeline.Tests.Unit.Predictor.Scoring;

public sealed class WindowEncoderTests
{
    private static readonly WindowEncoder Encoder = new(4, [SignalEncoding.Cpu, "memory_utilization"]);

    [Fact]
    public void Unknown_values_are_carried_forward_and_masked()
    {
        float[] encoded = new float[4 * Encoder.Channels];
        int age = Encoder.Encode(Bits(float.NaN, 0.5f, 0.25f, float.NaN, 0.75f, 0.5f, float.NaN, float.NaN), [0, 1], 2, encoded);
        Assert.Equal(1, age);
        Assert.Equal([0f, 0.25f, 0.75f, 0.75f], Channel(encoded, 0));
        Assert.Equal(MathF.Log(1 + 75) / 5, encoded[3 * Encoder.Channels + 1]);
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f], Channel(encoded, 2));
        Assert.Equal([0f, 1f, 1f, 0f], Channel(encoded, 3));
        Assert.Equal([1f, 0f, 1f, 0f], Channel(encoded, 4));
    }

    [Fact]
    public void A_longer_window_is_cut_to_its_newest_steps()
    {
        float[] encoded = new float[4 * Encoder.Channels];
        Encoder.Encode(Bits(0.9f, 0.9f, 0.1f, 0.1f, 0.2f, 0.2f, 0.3f, 0.3f, 0.4f, 0.4f), [0, 1], 2, encoded);
        Assert.Equal([0.1f, 0.2f, 0.3f, 0.4f], Channel(encoded, 0), (a, b) => Math.Abs(a - b) < 1e-3f);
    }

    [Fact]
    public void A_signal_that_the_snapshot_lacks_is_unknown_throughout()
    {
        float[] encoded = new float[4 * Encoder.Channels];
        Assert.Equal(0, Encoder.Encode(Bits(1, 1, 1, 1), [0, -1], 1, encoded));
        Assert.Equal(new float[4], Channel(encoded, 2));
        Assert.Equal(new float[4], Channel(encoded, 4));
    }

    [Fact]
    public void Without_any_utilisation_the_age_is_the_whole_window()
    {
        float[] encoded = new float[4 * Encoder.Channels];
        Assert.Equal(4, Encoder.Encode(Bits(float.NaN, 1, float.NaN, 1, float.NaN, 1, float.NaN, 1), [0, 1], 2, encoded));
    }

    private static ushort[] Bits(params float[] values) => [.. values.Select(v => BitConverter.HalfToUInt16Bits((Half)v))];

    private static float[] Channel(float[] encoded, int channel) => [.. Enumerable.Range(0, 4).Select(t => encoded[t * Encoder.Channels + channel])];
}
