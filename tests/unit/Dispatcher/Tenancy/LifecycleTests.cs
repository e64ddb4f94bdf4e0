using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Tenancy;

public sealed class LifecycleTests
{
    private const long T = DeskRig.T;

    private static readonly Dispatch.Types.Outcome Dispatched = Dispatch.Types.Outcome.Dispatched;

    [Fact]
    public void A_call_that_fails_is_tried_again_in_another_community_and_the_attempt_is_counted()
    {
        DeskRig rig = new();
        PredictionChunk two = TestFleet.Predict(T + 1, TestFleet.Names(4));
        two.Community[2] = two.Community[3] = 8;
        rig.Feed.Read(two);
        rig.Worker = d => TestFleet.End(d, failed: d.Attempt == 0);
        rig.Submit(DeskRig.Call("1", 10));
        rig.RunTo(T + 1000);
        Assert.Equal([0u, 1u], rig.Answers.Select(a => a.Attempt));
        Assert.NotEqual(rig.Answers[0].Decision.Candidates[0].Community, rig.Answers[1].Decision.Candidates[0].Community);
        Assert.Equal(T + 110, rig.Answers[1].TimeUnixMs);
        Assert.StartsWith($"attempt 2, the one before on {rig.Answers[0].Vm} of community", rig.Answers[1].Decision.Reason);
        Assert.Equal(1, rig.Feed.Fleet.Counters.Retries);
    }

    [Fact]
    public void A_call_that_fails_always_is_given_up_after_its_last_attempt()
    {
        DeskRig rig = new() { Worker = d => TestFleet.End(d, failed: true) };
        rig.Submit(DeskRig.Call("1"));
        rig.RunTo(T + 1000);
        Assert.Equal([Dispatched, Dispatched, Dispatched, Dispatch.Types.Outcome.Rejected], rig.Answers.Select(a => a.Outcome));
        Assert.Equal(RejectCodes.Attempts, rig.Answers[^1].RejectCode);
        Assert.StartsWith("attempt 3 of 3 failed on vm-", rig.Answers[^1].Decision.Reason);
        Assert.Equal(0, rig.Feed.Fleet.CallsInFlight);
    }

    [Fact]
    public void Calls_on_a_VM_that_is_lost_are_dispatched_again_exactly_once_and_a_late_completion_is_recognised()
    {
        DeskRig rig = new(vms: 2, options: new FleetOptions { VmTimeout = TimeSpan.FromMinutes(5) }) { Worker = _ => null };
        for (int i = 0; i < 6; i++) rig.Submit(DeskRig.Call($"{i}", 1));
        List<Dispatch> lost = [.. rig.Answers.Where(a => a.Vm == "vm-000")];
        Assert.NotEmpty(lost);
        for (int step = 1; step <= 2; step++)
        {
            PredictionChunk chunk = TestFleet.Predict(T + (step * TestFleet.StepMs), TestFleet.Names(2));
            chunk.AgeS[0] = (uint)(step * TestFleet.StepMs / 1000);
            rig.Feed.Read(chunk);
            rig.PassTo(T + (step * TestFleet.StepMs));
        }
        List<Dispatch> again = [.. rig.Answers.Where(a => a.Attempt == 1)];
        Assert.Equal(lost.Select(d => d.InvocationId).Order(), again.Select(d => d.InvocationId).Order());
        Assert.All(again, d => Assert.Equal("vm-001", d.Vm));
        Assert.Equal(lost.Count, rig.Feed.Fleet.Counters.LostCalls);
        Assert.Equal(6, rig.Feed.Fleet.CallsInFlight);
        // The first attempt is heard of after all: no third one is made, whatever becomes of the second.
        Completion late = TestFleet.End(lost[0], 700_000);
        rig.Feed.Read(late);
        rig.PassTo(T + 701_000);
        Assert.Equal((1, 6), (rig.Feed.Fleet.Counters.LateCompletions, rig.Feed.Fleet.CallsInFlight));
        Completion second = TestFleet.End(again.Single(d => d.InvocationId == lost[0].InvocationId), 1000, failed: true);
        second.Attempt = 1;
        rig.Feed.Read(second);
        rig.PassTo(T + 702_000);
        Assert.DoesNotContain(rig.Answers, a => a.Attempt == 2);
        Assert.Equal(5, rig.Feed.Fleet.CallsInFlight);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void A_call_that_nothing_is_heard_of_is_tried_again_only_where_that_is_wanted(bool wanted, int attempts)
    {
        DeskRig rig = new(options: new FleetOptions { RetryTimedOut = wanted, CallTimeout = TimeSpan.FromMinutes(1) }) { Worker = d => d.Attempt == 0 ? null : TestFleet.End(d) };
        rig.Submit(DeskRig.Call("1"));
        rig.RunTo(T + 59_999);
        Assert.Single(rig.Answers);
        rig.RunTo(T + 61_000);
        Assert.Equal(attempts, rig.Answers.Count);
        Assert.Equal((1L, 0), (rig.Feed.Fleet.Counters.ExpiredCalls, rig.Feed.Fleet.Vms.InFlight.Sum() - (wanted ? 1 : 0)));
    }

    [Fact]
    public void A_call_is_taken_back_before_while_it_waits_and_while_it_runs()
    {
        DeskRig rig = new(tenants: [new Tenant { Name = "t", Concurrency = 1 }]) { Worker = d => TestFleet.End(d, failed: true) };
        rig.Submit(DeskRig.Call("unknown", cancel: true));
        rig.Submit(DeskRig.Call("unknown"));
        rig.Submit(DeskRig.Call("runs"));
        rig.Submit(DeskRig.Call("waits"));
        rig.Submit(DeskRig.Call("waits", 5, cancel: true));
        rig.Submit(DeskRig.Call("runs", 10, cancel: true));
        rig.Submit(DeskRig.Call("runs", 11, cancel: true));
        rig.RunTo(T + 5000);
        Assert.Equal(
            [("unknown", Dispatch.Types.Outcome.Rejected), ("runs", Dispatched), ("waits", Dispatch.Types.Outcome.Rejected), ("runs", Dispatch.Types.Outcome.Cancelled)],
            rig.Answers.Select(a => (a.InvocationId, a.Outcome)));
        Assert.All(rig.Answers.Where(a => a.Outcome != Dispatched), a => Assert.Equal(RejectCodes.Cancelled, a.RejectCode));
        Assert.Equal(rig.Answers[1].Vm, rig.Answers[3].Vm);
        Assert.True(rig.Deferrals[^1].Settled);
        Assert.Equal((3, 1), (rig.Feed.Fleet.Counters.CancelledCalls, rig.Feed.Fleet.Counters.LateCancellations));
    }

    [Fact]
    public void A_failure_that_is_read_before_its_dispatch_is_not_lost()
    {
        DeskRig other = new() { Worker = _ => null };
        other.Submit(DeskRig.Call("1"));
        DeskRig rig = new();
        rig.Submit(DeskRig.Call("2", 500));
        rig.Feed.Read(TestFleet.End(other.Answers[0], failed: true));
        rig.Feed.Read(other.Answers[0]);
        rig.PassTo(T + 501);
        Assert.Equal([("2", 0u), ("1", 1u)], rig.Answers.Select(a => (a.InvocationId, a.Attempt)));
    }

    [Fact]
    public void An_attempt_that_another_instance_made_already_is_not_made_again()
    {
        DeskRig other = new() { Worker = d => TestFleet.End(d, failed: d.Attempt == 0) };
        other.Submit(DeskRig.Call("1"));
        other.RunTo(T + 100);
        Assert.Equal(2, other.Answers.Count);
        DeskRig rig = new();
        foreach (Dispatch answer in other.Answers) rig.Feed.Read(answer);
        rig.Feed.Read(other.Completions[0]);
        // Its clock is between the failure and the second attempt's end.
        rig.Submit(DeskRig.Call("2", 150));
        Assert.Equal(["2"], rig.Answers.Select(a => a.InvocationId));
        Assert.Empty(rig.Feed.Broken);
    }
}
