using CsCheck;
using Google.Protobuf;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Decisions;

public sealed class CallRouterTests
{
    private const long T = Samples.Time;

    [Fact]
    public void A_dispatch_tells_what_it_was_based_on()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"]));
        Dispatch answer = fleet.Router.Route(TestFleet.Call("1", T + 120_000))!;
        Assert.Equal((Dispatch.Types.Outcome.Dispatched, "a", "cell-0", T + 120_000), (answer.Outcome, answer.Vm, answer.Cell, answer.TimeUnixMs));
        Assert.Equal("expected-completion-time", answer.Decision.Policy);
        Assert.Equal("best of 1: a in 1.07 s, cold, 0 in flight, 1 of 4 cores free; all by prediction", answer.Decision.Reason);
        Candidate chosen = Assert.Single(answer.Decision.Candidates);
        Assert.Equal(("a", false, 0u, 1f, T, 120f, 7u), (chosen.Vm, chosen.Warm, chosen.InFlight, chosen.FreeShare, chosen.PredictionUnixMs, chosen.PredictionAgeS, chosen.Community));
    }

    [Fact]
    public void Each_step_down_the_ladder_is_in_the_reason()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], utilization: .5f));
        Dispatch later = fleet.Router.Route(TestFleet.Call("1", T + 1_000_000))!;
        Assert.EndsWith("by prediction 0, by last own utilisation (prediction missing or too old) 1, by completions alone 0, by calls in flight and warm containers only 0", later.Decision.Reason);
        Assert.Equal((.5f, 0L), (later.Decision.Candidates[0].FreeShare, later.Decision.Candidates[0].PredictionUnixMs));
        Dispatch muchLater = fleet.Router.Route(TestFleet.Call("2", T + 4_000_000))!;
        Assert.EndsWith("by calls in flight and warm containers only 1", muchLater.Decision.Reason);
    }

    [Fact]
    public void Without_a_VM_a_call_is_rejected_and_told_so()
    {
        Dispatch answer = new TestFleet().Router.Route(TestFleet.Call("1"))!;
        Assert.Equal((Dispatch.Types.Outcome.Rejected, RejectCodes.NoFleet, "", "no VM is known yet"), (answer.Outcome, answer.RejectCode, answer.Vm, answer.Decision.Reason));
    }

    [Fact]
    public void Silent_VMs_get_no_calls()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], ageS: 3601));
        Dispatch answer = fleet.Router.Route(TestFleet.Call("1"))!;
        Assert.Equal(RejectCodes.NoFleet, answer.RejectCode);
        Assert.StartsWith("of 1 VMs heard of, none", answer.Decision.Reason);
    }

    [Fact]
    public void A_call_that_fits_nowhere_is_told_how_much_is_left_where_most_is()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a", "b"], memoryBytes: 512 * TestFleet.Mebibyte));
        Dispatch first = fleet.Router.Route(TestFleet.Call("1", memoryBytes: 128 * TestFleet.Mebibyte))!;
        Dispatch answer = fleet.Router.Route(TestFleet.Call("2", memoryBytes: TestFleet.Gibibyte))!;
        Assert.Equal(RejectCodes.NoMemory, answer.RejectCode);
        Assert.Equal($"1024 MiB are wanted; of 2 VMs {(first.Vm == "a" ? "b" : "a")} has most left: 512 of 512 MiB", answer.Decision.Reason);
    }

    [Fact]
    public void A_deadline_that_cannot_be_met_is_rejected_with_the_earliest()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a"]));
        Dispatch answer = fleet.Router.Route(TestFleet.Call("1", deadlineMs: 500))!;
        Assert.Equal(RejectCodes.Deadline, answer.RejectCode);
        Assert.StartsWith("no VM is expected to finish within 0.5 s; earliest of 1: a in 1.07 s", answer.Decision.Reason);
        Assert.Equal(0, fleet.State.CallsInFlight);
    }

    [Fact]
    public void An_id_is_answered_once_whether_dispatched_or_rejected()
    {
        TestFleet fleet = new();
        Assert.NotNull(fleet.Router.Route(TestFleet.Call("1")));
        fleet.Feed.Read(TestFleet.Predict(T, ["a"]));
        Assert.NotNull(fleet.Router.Route(TestFleet.Call("2")));
        Assert.Null(fleet.Router.Route(TestFleet.Call("1")));
        Assert.Null(fleet.Router.Route(TestFleet.Call("2", T + 1000)));
        Assert.Equal(2, fleet.State.Counters.RepeatedInvocations);
    }

    [Fact]
    public void An_explanation_names_the_next_best()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, ["a", "b"]));
        string text = DecisionText.Of(fleet.Router.Route(TestFleet.Call("1"))!);
        Assert.StartsWith("1: f of t at 2026-01-01 00:00:00.000 UTC\ndispatched to ", text);
        Assert.Contains("\na  ", text);
        Assert.Contains("\nb  ", text);
    }

    [Fact]
    public void The_same_records_in_the_same_order_give_the_same_bytes_whatever_the_order_of_VMs_in_memory()
    {
        byte[] first = Run(Traffic(7, 600), TestFleet.Names(30)), second = Run(Traffic(7, 600), TestFleet.Names(30));
        byte[] reversed = Run(Traffic(7, 600), [.. TestFleet.Names(30).Reverse()]);
        Assert.Equal(first, second);
        Assert.Equal(first, reversed);
        Assert.NotEqual(first, Run(Traffic(8, 600), TestFleet.Names(30)));
    }

    [Fact]
    public void A_restart_from_what_is_in_the_topics_brings_back_the_same_state()
    {
        TestFleet before = new();
        List<IMessage> topics = [];
        long end = T;
        foreach (Invocation call in Traffic(3, 800))
        {
            Predictions(before, topics, call.TimeUnixMs, ref end);
            Dispatch answer = before.Router.Route(call)!;
            topics.Add(answer);
            // The end of every tenth call is not known yet.
            if (answer.Outcome != Dispatch.Types.Outcome.Dispatched || answer.InvocationId.EndsWith('7')) continue;
            Completion completion = TestFleet.End(answer, 200 + (answer.InvocationId.Length * 700), before.State.FunctionRow(answer.Function) % 2 == 0 ? 150 : 0);
            topics.Add(completion);
            before.Feed.Read(completion);
        }
        Invocation last = TestFleet.Call("last", Traffic(3, 800)[^1].TimeUnixMs + 500);
        string[] functions = [.. Enumerable.Range(0, 12).Select(f => $"f{f}")];
        Gen.Shuffle(topics.ToArray()).Sample(
            shuffled =>
            {
                // Topics and partitions are read in any order, but each function's completions in theirs.
                IEnumerable<IMessage> order = shuffled.Where(m => m is not Completion).Concat(topics.OfType<Completion>());
                TestFleet after = new();
                foreach (IMessage message in order) Read(after, message);
                after.Feed.AdvanceTo(last.TimeUnixMs);
                before.Feed.AdvanceTo(last.TimeUnixMs);
                Assert.Equal(before.Describe(functions), after.Describe(functions));
                Assert.Null(after.Router.Route(Traffic(3, 800)[400]));
            },
            iter: 5);
    }

    [Fact]
    public void No_VM_is_over_its_memory_and_every_call_has_one_answer() =>
        Gen.Select(Gen.Int[1, 8], Gen.Select(Gen.Int[1, 900], Gen.Int[0, 3000], Gen.Bool).Array[1, 120]).Sample((vms, calls) =>
        {
            TestFleet fleet = new();
            fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(vms), memoryBytes: 1024));
            long now = T;
            int answers = 0;
            foreach ((int bytes, int ms, bool known) in calls)
            {
                now += ms;
                Invocation call = TestFleet.Call($"{answers}", now, $"f{bytes % 3}", bytes);
                Dispatch answer = fleet.Router.Route(call)!;
                answers++;
                Assert.Null(fleet.Router.Route(call));
                if (known && answer.Outcome == Dispatch.Types.Outcome.Dispatched) fleet.Feed.Read(TestFleet.End(answer, 2000));
                for (int v = 0; v < fleet.State.Vms.Count; v++)
                    Assert.True(fleet.State.Vms.CommittedBytes[v] + fleet.State.Containers.IdleBytes(v) <= 1024);
            }
            Assert.Equal(answers, fleet.Router.Dispatched + fleet.Router.Rejected);
        });

    private static byte[] Run(IEnumerable<Invocation> calls, IReadOnlyList<string> vms)
    {
        TestFleet fleet = new();
        using MemoryStream bytes = new();
        fleet.Feed.Read(TestFleet.Predict(T, vms, utilization: .3f, busy: .02f));
        foreach (Invocation call in calls)
        {
            Dispatch answer = fleet.Router.Route(call)!;
            answer.WriteDelimitedTo(bytes);
            fleet.Feed.Read(TestFleet.End(answer, 900));
        }
        return bytes.ToArray();
    }

    // 12 functions, a call every 0 to 3 s.
    private static List<Invocation> Traffic(uint seed, int calls)
    {
        SplitMix random = new(seed);
        long now = T;
        return [.. Enumerable.Range(0, calls).Select(i => TestFleet.Call($"{seed}-{i}", now += random.Next(3000), $"f{random.Next(12)}"))];
    }

    private static void Predictions(TestFleet fleet, List<IMessage> topics, long now, ref long end)
    {
        for (; end <= now; end += TestFleet.StepMs)
        {
            PredictionChunk chunk = TestFleet.Predict(end, TestFleet.Names(6), utilization: (end / TestFleet.StepMs % 9) / 10f);
            topics.Add(chunk);
            fleet.Feed.Read(chunk);
        }
    }

    private static void Read(TestFleet fleet, IMessage message)
    {
        if (message is Dispatch dispatch) fleet.Feed.Read(dispatch);
        else if (message is Completion completion) fleet.Feed.Read(completion);
        else if (message is PredictionChunk predictions) fleet.Feed.Read(predictions);
    }
}
