using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Commands;
using Pipeline.Predictor.Evaluation;

namespace Pipeline.Tests.Unit.Predictor.Evaluation;

public sealed class EvaluatorTests
{
    private const int Vms = 2, Slots = 200;

    private static readonly EvaluationOptions Options = new() { HorizonSteps = [1, 3], Levels = [0.5f, 0.9f], BusyThreshold = 0.8f, StaleSteps = [0, 2] };

    /// <summary>VM 0 climbs to 1 in ten slots and begins again; VM 1 stands still and is missing at slot 100.</summary>
    private static readonly TraceTruth Truth = new(
        [.. Enumerable.Range(0, Slots * Vms).Select(i => i % Vms == 0 ? i / Vms % 10 * 0.11f : i / Vms == 100 ? float.NaN : 0.3f)], Vms, 300_000);

    [Fact]
    public void Missing_values_are_carried_forward_and_make_no_cases()
    {
        Assert.Equal(0.3f, Truth.Utilization(100, 1));
        Assert.False(Truth.Known(100, 1, 0));
        Assert.False(Truth.Known(97, 1, 3));
        Assert.True(Truth.Known(96, 1, 3));
        Assert.False(Truth.Known(Slots - 2, 0, 3));
    }

    [Fact]
    public void A_peak_does_not_count_the_present()
    {
        Assert.Equal(0.33f, Truth.Peak(0, 0, 3), 1e-6f);
        Assert.Equal(0.22f, Truth.Peak(9, 0, 3), 1e-6f);
    }

    [Fact]
    public void Slots_are_those_of_the_range_whose_horizon_is_in_the_trace()
    {
        Assert.Equal([100, 105, 110, 115, 120], new SlotRange(100, 120).Slots(3, 5, 199));
        Assert.Equal([100, 105, 110, 115], new SlotRange(100, 120).Slots(3, 5, 120));
        Assert.Equal(516, new SlotRange(6048, 8623).Slots(12, 5, 8639).Count());
    }

    [Fact]
    public void Yesterday_is_the_peak_over_the_same_window_whatever_is_withheld()
    {
        const int Day = 288;
        TraceTruth truth = new([.. Enumerable.Range(0, Day + 20).Select(s => s is 5 or 8 ? s / 10f : 0f)], 1, 300_000);
        float[] quantiles = new float[4], busy = new float[2];
        SimpleForecaster.Create("yesterday", truth, [1, 6]).Forecast(Day + 4, 3, quantiles, busy);
        Assert.Equal([0.5f, 0.8f], busy);
        Assert.Equal([0.5f, 0.5f, 0.8f, 0.8f], quantiles);
    }

    [Fact]
    public void The_weighted_mean_forgets_by_seven_tenths_a_step()
    {
        TraceTruth truth = new([0f, 1f, 0f], 1, 300_000);
        float[] quantiles = new float[1], busy = new float[1];
        SimpleForecaster.Create("ewma", truth, [1]).Forecast(2, 0, quantiles, busy);
        Assert.Equal(0.3f * 0.7f, busy[0], 1e-6f);
    }

    [Fact]
    public void The_last_value_misses_a_climb_by_what_it_climbs()
    {
        EvaluationResult result = Results("last").Single(r => r is { HorizonSteps: 1, StaleSteps: 0 });
        // Nine of ten slots of VM 0 climb by .11, one falls by .99; VM 1 is hit exactly.
        Assert.Equal(100 * 0.5 * (0.9 * 0.11 + 0.1 * 0.99) / 2, result.Pinball["0.5"], 1e-3);
        Assert.Equal(0.55, result.Coverage["0.9"], 1e-6);
        Assert.Equal(80, result.QuantileCases);
    }

    [Fact]
    public void Onset_cases_are_those_that_are_not_busy_now()
    {
        EvaluationResult result = Results("last").Single(r => r is { HorizonSteps: 1, StaleSteps: 0 });
        // VM 0 is busy at .88 and .99: 8 of 10 slots are onset cases, 1 of which becomes busy at the next.
        Assert.Equal((72, 1 / 18.0), (result.Cases, Math.Round(result.BaseRate, 12)), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-9);
        Assert.Equal(1, result.Auroc, 1e-9);
        Assert.Equal(1, result.BrierSkill, 1e-6);
    }

    [Fact]
    public void Withholding_makes_the_last_value_older()
    {
        EvaluationResult fresh = Results("last").Single(r => r is { HorizonSteps: 1, StaleSteps: 0 }), stale = Results("last").Single(r => r is { HorizonSteps: 1, StaleSteps: 2 });
        Assert.True(stale.MeanPinball > fresh.MeanPinball);
    }

    [Fact]
    public void Margins_bring_coverage_to_its_level()
    {
        IForecaster fitted = MarginForecaster.Fit(SimpleForecaster.Create("last", Truth, Options.HorizonSteps), Truth, Options, Fit);
        EvaluationResult result = new Evaluator(Truth, Options, Fit).Evaluate(fitted, Evaluated).First(r => r is { HorizonSteps: 1, StaleSteps: 0 });
        Assert.Equal("last-with-margins", result.Method);
        Assert.True(result.Coverage["0.9"] >= 0.9);
        Assert.True(result.MeanPinball < Results("last").First(r => r is { HorizonSteps: 1, StaleSteps: 0 }).MeanPinball);
    }

    [Fact]
    public void An_unknown_baseline_is_named() =>
        Assert.Contains("mean-1h", Assert.Throws<UserException>(() => SimpleForecaster.Create("best", Truth, [1])).Message, StringComparison.Ordinal);

    private static int[] Fit => [.. Enumerable.Range(0, 97)];

    private static int[] Evaluated => [.. Enumerable.Range(0, 40).Select(i => 120 + i)];

    private static EvaluationResult[] Results(string name) => [.. new Evaluator(Truth, Options, Fit).Evaluate(SimpleForecaster.Create(name, Truth, Options.HorizonSteps), Evaluated)];
}
