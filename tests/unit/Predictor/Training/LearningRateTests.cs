using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Training;

public sealed class LearningRateTests
{
    private static readonly TrainingOptions Options = new() { LearningRate = 1f, WarmupSteps = 10 };

    [Fact]
    public void It_rises_in_equal_steps() => Assert.Equal([0.1f, 0.5f, 1f], new[] { 0, 4, 9 }.Select(s => LearningRate.At(Options, s, 0)), (a, b) => Math.Abs(a - b) < 1e-6f);

    [Fact]
    public void It_falls_to_a_fiftieth()
    {
        Assert.Equal(0.51f, LearningRate.At(Options, 100, 0.5), 1e-5f);
        Assert.Equal(0.02f, LearningRate.At(Options, 100, 1), 1e-5f);
        Assert.Equal(0.02f, LearningRate.At(Options, 100, 7), 1e-5f);
    }
}
