using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Policies;

public sealed class ReferencePoliciesTests
{
    [Fact]
    public void Of_two_VMs_the_power_of_two_choices_is_the_shortest_queue()
    {
        TestFleet fleet = Fleet(ShortestOfTwoPolicy.PolicyName, 2);
        Assert.All(Route(fleet, 20).CountBy(v => v), v => Assert.Equal(10, v.Value));
    }

    [Fact]
    public void OpenWhisk_fills_one_VM_before_it_steps_to_the_next_and_comes_to_all()
    {
        TestFleet fleet = Fleet(OpenWhiskPolicy.PolicyName, 6, 256 * TestFleet.Mebibyte);
        List<string> vms = Route(fleet, 12);
        Assert.Equal(6, vms.Distinct().Count());
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(vms[2 * i], vms[(2 * i) + 1]));
        // The step is the same each time, and coprime to 6: 1 or 5.
        int[] numbers = [.. vms.Select(v => int.Parse(v.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture))];
        int[] steps = [.. Enumerable.Range(0, 5).Select(i => (numbers[(2 * i) + 2] - numbers[2 * i] + 6) % 6).Distinct()];
        Assert.Contains(Assert.Single(steps), new[] { 1, 5 });
    }

    [Theory]
    [InlineData(0, 2, 1)]
    [InlineData(1, 2, 2)]
    [InlineData(2, 2, 2)]
    [InlineData(3, 2, 3)]
    [InlineData(9, 10, 2)]
    public void The_bound_is_a_quarter_over_the_mean_rounded_up(int inFlight, int vms, int limit) =>
        Assert.Equal(limit, BoundedLoadsPolicy.Limit(inFlight, vms));

    [Fact]
    public void Bounded_loads_go_on_along_the_ring_when_the_bound_is_reached()
    {
        // Bounds before each call: 1, 2, 2, 3, 4, 4.
        List<string> vms = Route(Fleet(BoundedLoadsPolicy.PolicyName, 2), 6);
        string home = vms[0];
        Assert.Equal([true, true, false, true, true, false], vms.Select(v => v == home));
    }

    [Fact]
    public void Hiku_goes_where_the_function_completed_and_to_the_least_connections_while_nothing_is_idle()
    {
        TestFleet fleet = Fleet(HikuPolicy.PolicyName, 20);
        Dispatch first = fleet.Router.Route(TestFleet.Call("0"))!;
        fleet.Feed.Read(TestFleet.End(first, wallMs: 100));
        Assert.Equal(first.Vm, fleet.Router.Route(TestFleet.Call("1", Samples.Time + 1000))!.Vm);
        Assert.NotEqual(first.Vm, fleet.Router.Route(TestFleet.Call("2", Samples.Time + 1001))!.Vm);
    }

    [Fact]
    public void Hermes_packs_up_to_the_cores_and_then_takes_the_least_loaded()
    {
        List<string> vms = Route(Fleet(HermesPolicy.PolicyName, 2), 10);
        Assert.Single(vms.Take(4).Distinct());
        Assert.Single(vms.Skip(4).Take(4).Distinct());
        Assert.NotEqual(vms[0], vms[4]);
        Assert.NotEqual(vms[8], vms[9]);
    }

    [Fact]
    public void Prequal_spreads_equal_calls_over_the_VMs_it_probes()
    {
        // Three VMs, all probed each time: whoever has more calls is dearer or hot.
        Assert.All(Route(Fleet(PrequalPolicy.PolicyName, 3), 30).CountBy(v => v), v => Assert.InRange(v.Value, 8, 12));
    }

    [Theory]
    [InlineData(0, 40)]
    [InlineData(20, 70)]
    [InlineData(40, 100)]
    [InlineData(70, 20)]
    [InlineData(100, 0)]
    [InlineData(130, 0)]
    public void Load_packing_scores_rise_to_the_target_and_fall_to_full(double percent, double score) =>
        Assert.Equal(score, LoadPackingPolicy.Score(percent), 9);

    [Fact]
    public void Load_packing_leaves_a_VM_that_a_second_call_would_take_over_the_target()
    {
        // Of four cores: one call is 25 % (77.5), two are 50 % (33.3).
        List<string> vms = Route(Fleet(LoadPackingPolicy.PolicyName, 2), 2);
        Assert.NotEqual(vms[0], vms[1]);
    }

    private static TestFleet Fleet(string policy, int vms, long memoryBytes = 16 * TestFleet.Gibibyte)
    {
        TestFleet fleet = new(policy: policy);
        fleet.Feed.Read(TestFleet.Predict(Samples.Time, TestFleet.Names(vms), memoryBytes: memoryBytes));
        return fleet;
    }

    private static List<string> Route(TestFleet fleet, int calls) => [.. Enumerable.Range(0, calls).Select(i => fleet.Router.Route(TestFleet.Call($"{i}"))!.Vm)];
}
