using CsCheck;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class FleetFeedTests
{
    private const long T = Samples.Time;

    private readonly TestFleet fleet = new();

    [Fact]
    public void A_completion_from_the_future_waits_for_its_time()
    {
        Dispatch dispatch = Dispatched("a", T);
        fleet.Feed.Read(TestFleet.End(dispatch, wallMs: 2000));
        fleet.Feed.AdvanceTo(T + 1999);
        Assert.Equal(1, fleet.State.Vms.InFlight[fleet.Vm("vm-000")]);
        fleet.Feed.AdvanceTo(T + 2000);
        Assert.Equal(0, fleet.State.Vms.InFlight[fleet.Vm("vm-000")]);
        Assert.Equal(0, fleet.Feed.Waiting);
    }

    [Fact]
    public void Own_dispatches_read_back_are_passed_over_and_foreign_ones_counted_in_flight()
    {
        Dispatch own = Dispatched("a", T);
        fleet.Feed.Read(own);
        Dispatch foreign = own.Clone();
        foreign.InvocationId = "b";
        fleet.Feed.Read(foreign);
        fleet.Feed.Read(foreign);
        int vm = fleet.Vm("vm-000");
        Assert.Equal((2, 2 * 128 * TestFleet.Mebibyte), (fleet.State.Vms.InFlight[vm], fleet.State.Vms.CommittedBytes[vm]));
        Assert.Equal((2, 1), (fleet.State.Counters.KnownDispatches, fleet.State.Counters.ForeignDispatches));
    }

    [Fact]
    public void A_completion_that_overtakes_its_dispatch_keeps_it_from_being_in_flight_for_ever()
    {
        Dispatch foreign = Dispatched("a", T).Clone();
        foreign.InvocationId = "b";
        fleet.Feed.AdvanceTo(T + 5000);
        fleet.Feed.Read(TestFleet.End(foreign, 100));
        fleet.Feed.Read(foreign);
        Assert.Equal(1, fleet.State.CallsInFlight);
        Assert.Equal(1, fleet.State.Counters.OvertakingCompletions);
        Assert.True(fleet.State.IsWarm(fleet.Vm("vm-000"), fleet.State.FunctionRow("f")));
    }

    [Fact]
    public void A_call_without_completion_is_given_up_and_its_late_completion_recognised()
    {
        Dispatch dispatch = Dispatched("a", T);
        long timeout = (long)fleet.State.Options.CallTimeout.TotalMilliseconds;
        fleet.Feed.AdvanceTo(T + timeout);
        Assert.Equal((0, 1), (fleet.State.CallsInFlight, fleet.State.Counters.ExpiredCalls));
        fleet.Feed.Read(TestFleet.End(dispatch, timeout));
        fleet.Feed.Read(TestFleet.End(dispatch, timeout));
        Assert.Equal((1, 1), (fleet.State.Counters.LateCompletions, fleet.State.Counters.RepeatedCompletions));
        Assert.Equal(0, fleet.State.Vms.InFlight[fleet.Vm("vm-000")]);
    }

    [Fact]
    public void A_failed_call_leaves_no_warm_container()
    {
        fleet.Feed.Read(TestFleet.End(Dispatched("a", T), failed: true));
        fleet.Feed.AdvanceTo(T + 1000);
        Assert.False(fleet.State.IsWarm(fleet.Vm("vm-000"), fleet.State.FunctionRow("f")));
        Assert.Equal(0, fleet.State.CallsInFlight);
    }

    [Fact]
    public void A_warm_container_cools_down_after_the_keep_alive()
    {
        fleet.Feed.Read(TestFleet.End(Dispatched("a", T), 1000));
        int vm = fleet.Vm("vm-000"), f = fleet.State.FunctionRow("f");
        fleet.Feed.AdvanceTo(T + 1000 + 599_999);
        Assert.True(fleet.State.IsWarm(vm, f));
        fleet.Feed.AdvanceTo(T + 1000 + 600_000);
        Assert.False(fleet.State.IsWarm(vm, f));
    }

    [Fact]
    public void A_prediction_of_the_future_does_not_count_before_its_time()
    {
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], utilization: .2f));
        fleet.Feed.Read(TestFleet.Predict(T + TestFleet.StepMs, ["a"], utilization: .9f));
        fleet.Feed.AdvanceTo(T);
        Assert.Equal(ExpectedFree.Share(PeakForecast.Of(.2f)), fleet.State.Forecasts.FreeShare(fleet.Vm("a"), T, out _), 6);
    }

    [Fact]
    public void A_prediction_with_a_number_that_is_none_is_counted_and_not_used()
    {
        PredictionChunk chunk = TestFleet.Predict(T, ["a"]);
        chunk.PeakQuantile[0] = float.NaN;
        fleet.Feed.Read(chunk);
        fleet.Feed.AdvanceTo(T);
        fleet.State.Forecasts.FreeShare(fleet.Vm("a"), T, out SignalRung rung);
        Assert.Equal((1, SignalRung.LastUtilization), (fleet.State.Counters.UnusablePredictions, rung));
    }

    [Fact]
    public void An_instance_without_invocations_keeps_up_once_its_buffer_is_full()
    {
        Dispatch dispatch = new() { Function = "f", Tenant = "t", Outcome = Dispatch.Types.Outcome.Dispatched, Vm = "a", MemoryBytes = 1 };
        for (int i = 0; i <= EventBuffer.Limit; i++)
        {
            dispatch.InvocationId = $"{i}";
            dispatch.TimeUnixMs = T + i;
            fleet.Feed.Read(dispatch);
        }
        Assert.Equal((1, EventBuffer.Limit, T), (fleet.State.Counters.EarlyEvents, fleet.Feed.Waiting, fleet.State.ClockMs));
    }

    [Fact]
    public void Whatever_comes_in_whatever_order_in_flight_is_never_negative() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 20], Gen.Int[0, 3], Gen.Int[0, 2_000_000]).Array[1, 150].Sample(steps =>
        {
            TestFleet any = new();
            foreach ((int kind, int id, int vm, int ms) in steps)
            {
                Dispatch dispatch = new() { InvocationId = $"{id}", Function = "f", Tenant = "t", Vm = $"vm-{vm}", MemoryBytes = 1, TimeUnixMs = T + ms, Outcome = Dispatch.Types.Outcome.Dispatched };
                if (kind == 0) any.Feed.Read(dispatch);
                else if (kind == 1) any.Feed.Read(TestFleet.End(dispatch, 50));
                else if (kind == 2) any.Feed.AdvanceTo(T + ms);
                else any.Router.Route(TestFleet.Call($"{id}", T + ms));
                for (int v = 0; v < any.State.Vms.Count; v++) Assert.True(any.State.Vms.InFlight[v] >= 0 && any.State.Vms.CommittedBytes[v] >= 0);
                Assert.Equal(any.State.CallsInFlight, Enumerable.Range(0, any.State.Vms.Count).Sum(v => any.State.Vms.InFlight[v]));
            }
        });

    private Dispatch Dispatched(string id, long timeMs)
    {
        fleet.Feed.Read(TestFleet.Predict(timeMs, ["vm-000"]));
        return fleet.Router.Route(TestFleet.Call(id, timeMs))!;
    }
}
