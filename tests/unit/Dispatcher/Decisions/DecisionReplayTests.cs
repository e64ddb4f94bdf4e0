using Google.Protobuf;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Dispatcher.Tenancy;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Decisions;

public sealed class DecisionReplayTests
{
    private const long T = Samples.Time;

    public static TheoryData<string> Policies => [.. PolicyCatalog.Names];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Every_decision_comes_out_again_from_its_record_as_it_stands_in_the_topic(string policy)
    {
        TestFleet fleet = new(policy: policy);
        SplitMix random = new(5);
        long now = T;
        for (int i = 0; i < 300; i++)
        {
            if (i % 40 == 0) fleet.Feed.Read(TestFleet.Predict(now, TestFleet.Names(12), random.Next(90) / 100f, random.Next(30) / 100f, memoryBytes: TestFleet.Gibibyte));
            // Now and then predictions are too old, deadlines too short, and memory too little.
            now += random.Next(30) == 0 ? 1_000_000 : random.Next(2000);
            Dispatch answer = fleet.Router.Route(TestFleet.Call($"{i}", now, $"f{random.Next(5)}", random.Next(400) * TestFleet.Mebibyte / 2, deadlineMs: random.Next(3) == 0 ? 600u : 0))!;
            Dispatch read = Dispatch.Parser.ParseFrom(answer.ToByteArray());
            Assert.Empty(DecisionReplay.Differences(read));
            if (answer.Outcome == Dispatch.Types.Outcome.Dispatched && random.Next(3) > 0) fleet.Feed.Read(TestFleet.End(answer, random.Next(5000), random.Next(2) * 100));
        }
    }

    [Fact]
    public void Further_attempts_come_out_again_too()
    {
        DeskRig rig = new() { Worker = d => TestFleet.End(d, failed: true) };
        for (int i = 0; i < 20; i++) rig.Submit(DeskRig.Call($"{i}", i * 50));
        rig.RunTo(T + 5000);
        Assert.Equal(80, rig.Answers.Count);
        Assert.All(rig.Answers, a => Assert.Empty(DecisionReplay.Differences(a)));
    }

    [Fact]
    public void A_record_that_was_tampered_with_is_found_out()
    {
        TestFleet fleet = new();
        fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(3), utilization: .3f, busy: .1f));
        fleet.Router.Route(TestFleet.Call("0"));
        Dispatch answer = fleet.Router.Route(TestFleet.Call("1"))!;
        string vm = answer.Vm, next = answer.Decision.Candidates[1].Vm;
        Assert.Equal([$"{vm} comes out, {next} was chosen"], DecisionReplay.Differences(With(answer, d => d.Vm = next)));
        Assert.StartsWith($"{vm}: cost ", DecisionReplay.Differences(With(answer, d => d.Decision.Candidates[0].BusyProbability += .01))[0]);
        Assert.StartsWith($"{vm}: calls per core ", DecisionReplay.Differences(With(answer, d => d.Decision.Candidates[0].InFlight++))[0]);
        Assert.Equal(["it was made by version '0' of the rules, this is version 1"], DecisionReplay.Differences(With(answer, d => d.Decision.PolicyVersion = "0")));
        Assert.EndsWith("computed again from its record: the same answer\n", DecisionText.Of(answer));
        Assert.Contains($"next best: {next}, ", DecisionText.Of(answer));
    }

    private static Dispatch With(Dispatch answer, Action<Dispatch> change)
    {
        Dispatch changed = answer.Clone();
        change(changed);
        return changed;
    }
}
