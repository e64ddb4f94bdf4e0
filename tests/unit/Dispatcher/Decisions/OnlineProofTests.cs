using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Feedback;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Dispatcher.Service;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Decisions;

public sealed class OnlineProofTests
{
    private const long T = Samples.Time;

    [Fact]
    public void A_share_of_the_calls_goes_to_the_policy_on_trial_and_the_same_ones_after_a_restart()
    {
        List<Dispatch> first = Run(new DispatcherOptions { Trial = "random", TrialShare = .05 }, 4000).Answers, again = Run(new DispatcherOptions { Trial = "random", TrialShare = .05 }, 4000).Answers;
        Assert.Equal(first, again);
        Assert.InRange(first.Count(a => a.Decision.Trial), 150, 250);
        Assert.All(first, a => Assert.Equal(a.Decision.Trial ? "random" : "expected-completion-time", a.Decision.Policy));
    }

    [Fact]
    public void Shadows_say_what_they_would_do_and_change_nothing()
    {
        (List<Dispatch> alone, _) = Run(new DispatcherOptions(), 300);
        (List<Dispatch> shadowed, OnlineProof proof) = Run(new DispatcherOptions { Shadows = ["jsq", "random"] }, 300);
        Assert.Equal(alone.Select(a => a.Vm), shadowed.Select(a => a.Vm));
        Assert.All(shadowed, a => Assert.Equal(["jsq", "random"], a.Decision.Shadows.Select(s => s.Policy)));
        Assert.All(shadowed, a => Assert.NotEmpty(a.Decision.Shadows[0].Vm));
        PolicyScore ours = proof.Scores["expected-completion-time"], random = proof.Scores["random"];
        Assert.Equal((300, 300), (ours.Decisions, random.Decisions));
        Assert.True(random.RegretS > 10 * ours.RegretS, $"random {random.RegretS} s, ours {ours.RegretS} s");
    }

    [Fact]
    public void Regret_and_calibration_are_sums_over_calls()
    {
        (List<Dispatch> answers, OnlineProof proof) = Run(new DispatcherOptions { Shadows = ["jsq"] }, 50);
        PolicyScore ours = proof.Scores["expected-completion-time"], jsq = proof.Scores["jsq"];
        double Least(Dispatch a) => Math.Min(a.Decision.Candidates[0].CostS, a.Decision.Shadows[0].CostS);
        Assert.Equal(answers.Sum(a => a.Decision.Candidates[0].CostS - Least(a)), ours.RegretS, 5);
        Assert.Equal(answers.Sum(a => a.Decision.Shadows[0].CostS - Least(a)), jsq.RegretS, 5);
        Assert.Equal(answers.Count(a => a.Decision.Shadows[0].CostS > Least(a)), jsq.Beaten);
        // The last call's end is not known yet.
        Assert.Equal((49, 0), (ours.Completions, jsq.Completions));
        Assert.Equal(49 * .3, ours.ActualS, 6);
        Assert.Equal(answers.Take(49).Sum(a => a.Decision.Candidates[0].CostS), ours.ExpectedS, 3);
    }

    [Fact]
    public void A_shadow_prediction_decides_nothing_and_both_are_held_against_what_came()
    {
        Dispatch[] alone = Calls(new DispatcherCore(new DispatcherOptions()));
        DispatcherCore core = new(new DispatcherOptions { Fleet = new FleetOptions { ShadowPrediction = true } });
        // The shadow takes the VMs that have room for busy, and the busy ones for idle; all calls run at full speed.
        Dispatch[] shadowed = Calls(core);
        Assert.Equal(alone.Select(a => a.Vm), shadowed.Select(a => a.Vm));
        Assert.All(shadowed, a => Assert.Equal(["shadow-prediction"], a.Decision.Shadows.Select(s => s.Policy)));
        // Costs of both choices are by the served prediction: what it chose itself is never dearer.
        PolicyScore ours = core.Router.Proof.Scores["expected-completion-time"], shadow = core.Router.Proof.Scores["shadow-prediction"];
        Assert.Equal((200, 0.0), (shadow.Decisions, ours.RegretS));
        Assert.True(shadow.RegretS > 0 && shadow.Beaten > 0, $"{shadow.RegretS} s, {shadow.Beaten} beaten");
        (PredictionScore of, PredictionScore by) = (core.Feed.Fleet.Shadow!.Served, core.Feed.Fleet.Shadow.Shadow);
        Assert.Equal(of.Completions, by.Completions);
        Assert.True(of.Completions > 150 && by.SquaredError > of.SquaredError, $"{of.Completions}: served {of.SquaredError}, shadow {by.SquaredError}");
        core.Feed.Read(TestFleet.Predict(T + 1_000_000, ["vm-000"]), shadow: true);
        Assert.Equal(T, core.Feed.Fleet.Forecasts.MadeMs(core.Feed.Fleet.Vms.Find("vm-000")));

        static Dispatch[] Calls(DispatcherCore core)
        {
            core.Feed.Read(TestFleet.Predict(T, TestFleet.Names(5), utilization: .6f));
            core.Feed.Read(TestFleet.Predict(T, [.. TestFleet.Names(10).Skip(5)], utilization: .9f, busy: .5f));
            core.Feed.Read(TestFleet.Predict(T, TestFleet.Names(5), utilization: .95f, busy: .9f), shadow: true);
            core.Feed.Read(TestFleet.Predict(T, [.. TestFleet.Names(10).Skip(5)], utilization: .02f), shadow: true);
            List<Dispatch> answers = [];
            for (int i = 0; i < 200; i++)
            {
                Dispatch answer = core.Router.Route(TestFleet.Call($"{i}", T + (i * 20), $"f{i % 4}"))!;
                answers.Add(answer.Clone());
                core.Feed.Read(TestFleet.End(answer, wallMs: 300));
            }
            return [.. answers];
        }
    }

    private static (List<Dispatch> Answers, OnlineProof Proof) Run(DispatcherOptions options, int calls)
    {
        DispatcherCore core = new(options);
        core.Feed.Read(TestFleet.Predict(T, TestFleet.Names(10), utilization: .2f));
        PredictionChunk busy = TestFleet.Predict(T, ["busy-1", "busy-2", "busy-3"], utilization: .95f, busy: .9f);
        core.Feed.Read(busy);
        List<Dispatch> answers = [];
        for (int i = 0; i < calls; i++)
        {
            Dispatch answer = core.Router.Route(TestFleet.Call($"{i}", T + (i * 400), $"f{i % 4}"))!;
            answers.Add(answer);
            core.Feed.Read(TestFleet.End(answer, 300));
        }
        return (answers, core.Router.Proof);
    }
}
