using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Processors.Store;

public sealed class PredictionOutcomesTests
{
    private const uint StepMs = 300_000;
    private const long Start = 5_000_000 * (long)StepMs;

    private readonly PredictionOutcomes outcomes = new();
    private readonly List<Point> points = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_prediction_is_joined_with_the_peak_of_the_steps_behind_it(bool predictionLast)
    {
        if (!predictionLast) outcomes.Add(Prediction(), points);
        for (int i = 0; i <= 3; i++) outcomes.Add(Step(i, i switch { 0 => .99f, 1 => .5f, 2 => .9f, _ => .1f }), points);
        if (predictionLast) outcomes.Add(Prediction(), points);

        Point point = Assert.Single(points);
        Assert.Equal(("prediction_outcome", Start * 1_000_000, "cell-0", "vm-1"), (point.Measurement, point.TimeUnixNs, point.Tags[0].Value, point.Tags[1].Value));
        Dictionary<string, Field> fields = point.Fields.ToDictionary(f => f.Key);
        Assert.Equal((.5, .1, 1L, .04), (Math.Round(fields["peak_5m"].AsFloat, 6), Math.Round(fields["error_5m"].AsFloat, 6), fields["covered_5m"].AsInteger, Math.Round(fields["brier_5m"].AsFloat, 6)));
        Assert.Equal((.9, .4, 0L, .25), (Math.Round(fields["peak_15m"].AsFloat, 6), Math.Round(fields["error_15m"].AsFloat, 6), fields["covered_15m"].AsInteger, Math.Round(fields["brier_15m"].AsFloat, 6)));
        Assert.Equal((1L, 0L), (outcomes.Given, outcomes.Missed));
    }

    [Fact]
    public void Nothing_is_said_before_the_last_horizon_is_over()
    {
        outcomes.Add(Prediction(), points);
        for (int i = 1; i <= 2; i++) outcomes.Add(Step(i, .5f), points);
        Assert.Empty(points);
    }

    [Fact]
    public void A_silent_step_leaves_no_outcome_and_is_counted()
    {
        outcomes.Add(Prediction(), points);
        outcomes.Add(Step(1, .5f), points);
        outcomes.Add(Step(2, null), points);
        outcomes.Add(Step(3, .5f), points);
        Assert.Empty(points);
        Assert.Equal(1, outcomes.Missed);
    }

    [Fact]
    public void Predictions_for_more_VMs_than_are_followed_are_counted()
    {
        PredictionOutcomes few = new(vmsMax: 1);
        StepChunk other = Step(0, .5f);
        other.Vms[0].Vm = "vm-0";
        few.Add(other, points);
        few.Add(Prediction(), points);
        Assert.Equal(1, few.Missed);
    }

    private static StepChunk Step(int step, float? cpu)
    {
        VmStep vm = new() { Vm = "vm-1", Cores = 4, Reports = cpu is null ? 0u : 1u };
        if (cpu is { } value) vm.Own = new Signals { CpuUtilization = value };
        return new StepChunk { Cell = "cell-0", StepEndUnixMs = Start + (step * StepMs), StepMs = StepMs, Chunks = 1, Vms = { vm } };
    }

    private static PredictionChunk Prediction() => new()
    {
        Cell = "cell-0",
        StepEndUnixMs = Start,
        StepMs = StepMs,
        Chunks = 1,
        Vm = { "vm-1" },
        HorizonS = { 300, 900 },
        Level = { .5f, .95f },
        PeakQuantile = { .4f, .6f, .5f, .8f },
        BusyProbability = { .2f, .5f },
    };
}
