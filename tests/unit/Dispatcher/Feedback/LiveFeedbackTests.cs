using Pipeline.Dispatcher.Feedback;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Feedback;

public sealed class LiveFeedbackTests
{
    private const long T = Samples.Time;

    [Fact]
    public void A_completion_corrects_the_prediction_until_the_next_one()
    {
        TestFleet fleet = Fleet();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"]));
        fleet.Feed.AdvanceTo(T);
        float predicted = Share(fleet, out SignalRung rung);
        // .95 at all of 4 cores, .02 / .01 / .01 / .01 at 3.9, 2, 1, .2.
        Assert.Equal((3.91f / 4, SignalRung.Prediction), (predicted, rung));
        Complete(fleet, "1", T, wallMs: 1000, cpuS: .1);
        // Alone on the VM and a tenth of a core: only .2 cores (.05, clipped) come near; all others are cut off at -3.
        float corrected = Share(fleet, out rung);
        Assert.Equal(SignalRung.Prediction, rung);
        double near = .01 * Math.Exp(-.5 * Math.Pow((.1 - .2) / .12, 2));
        Assert.Equal(((3.91 - .002) * Math.Exp(-3) + (.2 * near)) / ((.99 * Math.Exp(-3)) + near) / 4, corrected, 5);
        fleet.Feed.Read(TestFleet.Predict(T + 300_000, ["a"]));
        fleet.Feed.AdvanceTo(T + 300_000);
        Assert.Equal(predicted, Share(fleet, out _));
    }

    [Fact]
    public void The_ladder_goes_from_the_prediction_to_the_last_value_to_feedback_alone_to_nothing()
    {
        TestFleet fleet = Fleet();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], utilization: .5f));
        fleet.Feed.AdvanceTo(T);
        Assert.Equal(SignalRung.Prediction, Rung(fleet));
        fleet.Feed.AdvanceTo(T + 1_000_000);
        Assert.Equal(SignalRung.LastUtilization, Rung(fleet));
        fleet.Feed.AdvanceTo(T + 3_700_000);
        Assert.Equal(SignalRung.InFlightAndWarm, Rung(fleet));
        Complete(fleet, "1", T + 3_700_000, 1000, .5);
        Assert.Equal(SignalRung.Feedback, Rung(fleet));
        fleet.Feed.AdvanceTo(T + 4_100_000);
        Assert.Equal(SignalRung.InFlightAndWarm, Rung(fleet));
        LadderStep[] steps = [.. fleet.State.Feedback!.Ladder.Steps];
        Assert.Equal([(SignalRung.Prediction, SignalRung.LastUtilization), (SignalRung.LastUtilization, SignalRung.Feedback)], steps.Select(s => (s.From, s.To)));
        Assert.Equal(("a", "its newest prediction is 1000 s old", "its newest report is 3700 s old"), (steps[0].Vm, steps[0].Reason, steps[1].Reason));
    }

    [Fact]
    public void A_demoted_model_is_stepped_down_from_at_once_and_taken_up_again_with_its_next_prediction()
    {
        TestFleet fleet = Fleet();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], utilization: .5f));
        fleet.Feed.AdvanceTo(T);
        Assert.Equal(SignalRung.Prediction, Rung(fleet));
        PredictionChunk demoted = TestFleet.Predict(T + 300_000, ["a"], utilization: .5f);
        demoted.Demoted = true;
        fleet.Feed.Read(demoted);
        fleet.Feed.AdvanceTo(T + 300_000);
        Assert.Equal((SignalRung.LastUtilization, 1), (Rung(fleet), fleet.State.Counters.DemotedPredictions));
        Assert.Equal("its predictor's model is demoted: simple signals have done better", Assert.Single(fleet.State.Feedback!.Ladder.Steps).Reason);
        Assert.Equal(0, fleet.State.Forecasts.BusyWithin(fleet.Vm("a"), 3600));
        fleet.Feed.Read(TestFleet.Predict(T + 600_000, ["a"], utilization: .5f));
        fleet.Feed.AdvanceTo(T + 600_000);
        Assert.Equal(SignalRung.Prediction, Rung(fleet));
    }

    [Fact]
    public void A_prediction_that_misses_speeds_is_stepped_down_from_and_taken_up_again()
    {
        SignalLadder ladder = new();
        Score(ladder, 0, prediction: .04, last: .01);
        LadderStep down = Assert.Single(ladder.Steps);
        Assert.Equal((SignalRung.Prediction, SignalRung.LastUtilization, ""), (down.From, down.To, down.Vm));
        Assert.Equal("speeds of completed calls missed by 0.200 with it and by 0.100 with the next simpler signal", down.Reason);
        Assert.False(ladder.Trusts(SignalRung.Prediction));
        Assert.True(ladder.Trusts(SignalRung.LastUtilization));
        Score(ladder, 3_600_000, prediction: .01, last: .02);
        Assert.True(ladder.Trusts(SignalRung.Prediction));
        Assert.Equal(1, ladder.StepsDown);
    }

    [Fact]
    public void Signals_that_are_nearly_equal_do_not_alternate()
    {
        SignalLadder ladder = new();
        Score(ladder, 0, prediction: .0108, last: .01);
        Score(ladder, 3_600_000, prediction: .0004, last: .0001);
        Assert.Empty(ladder.Steps);
    }

    [Fact]
    public void Without_CPU_time_the_functions_usual_time_tells()
    {
        TestFleet fleet = Fleet();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"]));
        for (int i = 0; i < 20; i++) Complete(fleet, $"{i}", T, 100, .1);
        // A new prediction, so that only the slow call counts: five times its usual time, as on the .2 cores that are held possible.
        fleet.Feed.Read(TestFleet.Predict(T + 300_000, ["a"]));
        fleet.Feed.AdvanceTo(T + 300_000);
        float before = Share(fleet, out _);
        Complete(fleet, "slow", T + 300_000, 500, 0);
        Assert.True(Share(fleet, out _) < before - .1);
    }

    private static void Score(SignalLadder ladder, long fromMs, double prediction, double last)
    {
        for (int i = 0; i < 5000; i++) ladder.Score(fromMs + (i * 1000), [prediction, last, double.NaN, .5], 1);
    }

    private static TestFleet Fleet() => new(new FleetOptions());

    private static float Share(TestFleet fleet, out SignalRung rung) => fleet.State.FreeShare(fleet.Vm("a"), out rung);

    private static SignalRung Rung(TestFleet fleet)
    {
        Share(fleet, out SignalRung rung);
        return rung;
    }

    private static void Complete(TestFleet fleet, string id, long timeMs, double wallMs, double cpuS)
    {
        Dispatch dispatch = fleet.Router.Route(TestFleet.Call(id, timeMs))!;
        Completion end = TestFleet.End(dispatch, wallMs);
        end.CpuS = cpuS;
        fleet.Feed.Read(end);
        fleet.Feed.AdvanceTo(end.TimeUnixMs);
    }
}
