using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;
using Pipeline.Tests.Unit.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Policies;

public sealed class ExpectedCompletionTimePolicyTests
{
    private const long T = Samples.Time;

    private const double D = FunctionTable.PriorServiceS, K = FunctionTable.PriorColdStartS;

    private readonly TestFleet fleet = new();
    private readonly Choice choice = new();

    [Fact]
    public void On_an_idle_VM_a_cold_call_costs_service_and_cold_start()
    {
        Predict("a");
        VmOption best = Decide();
        Assert.Equal(D + K, best.CostS, 9);
        Assert.Equal(1 / 4.0, best.Ratio, 6);
        Assert.False(best.Warm);
    }

    [Theory]
    // Free share .50625 by its atoms, so 4 * (.85 * .50625 + .15) = 2.32125 cores.
    [InlineData(.5f, 0, 2.32125, 0)]
    // Free share .3405: 1.7577 cores; the risk of getting busy within .57 s is 1 - .4 ^ (.57 / 300).
    [InlineData(.2f, .6f, 1.7577, .0017394)]
    public void Calls_in_flight_share_the_cores_expected_free(float utilization, float busy, double cores, double risk)
    {
        Predict("a", utilization, busy);
        Load("a", 5);
        VmOption best = Decide();
        Assert.Equal(6 / cores, best.Ratio, 4);
        Assert.Equal(((D + K) * 6 / cores) + (risk * (D + K)), best.CostS, 4);
    }

    [Fact]
    public void Capacity_never_falls_below_a_fifth_of_a_core()
    {
        fleet.Feed.Read(TestFleet.Predict(T, ["a"], utilization: 1, busy: 1, cores: .5f));
        Assert.Equal(1 / .2, Decide().Ratio, 9);
    }

    [Fact]
    public void A_warm_VM_wins_until_its_queue_costs_more_than_a_cold_start()
    {
        Predict("a");
        Predict("b");
        fleet.Feed.AdvanceTo(T);
        int a = fleet.Vm("a"), f = fleet.State.FunctionRow("f");
        fleet.State.Containers.Add(a, f, 1, T + 1000);
        Load("a", 6);
        // 7 calls on 4 cores: .57 * 7 / 4 = .9975 s, warm, against 1.07 s, cold.
        Assert.Equal(("a", true), (NameOf(Decide()), choice.Best[0].Warm));
        Load("a", 1);
        Assert.Equal("b", NameOf(Decide()));
        Assert.Equal(.57 * 8 / 4, choice.Best[1].CostS, 6);
    }

    [Fact]
    public void Equal_costs_go_to_the_lower_ratio_and_then_by_lot()
    {
        Predict("a");
        Predict("b");
        Load("a", 1);
        for (int i = 0; i < 20; i++) Assert.Equal("b", NameOf(Decide($"{i}")));
        Load("b", 1);
        Assert.InRange(Enumerable.Range(0, 1000).Count(i => NameOf(Decide($"{i}")) == "a"), 450, 550);
    }

    [Fact]
    public void Four_VMs_are_sampled_and_all_warm_ones_looked_at()
    {
        fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(100)));
        fleet.Feed.AdvanceTo(T);
        Decide();
        Assert.Equal(4, choice.Considered);
        for (int vm = 0; vm < 20; vm++)
        {
            fleet.State.Containers.Add(vm, fleet.State.FunctionRow("f"), 1, T + 1000);
            fleet.State.Containers.Add(vm, fleet.State.FunctionRow("f"), 1, T + 1000);
        }
        Decide();
        Assert.Equal(24, choice.Considered);
        Assert.Equal(5, choice.Best.Length);
    }

    [Fact]
    public void Samples_are_spread_over_the_fleet()
    {
        fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(100)));
        int[] hits = new int[100];
        for (int i = 0; i < 10_000; i++) hits[Decide($"call {i}").Vm]++;
        Assert.All(hits, h => Assert.InRange(h, 60, 140));
    }

    [Fact]
    public void Before_a_call_is_rejected_the_whole_fleet_is_looked_at()
    {
        fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(100), memoryBytes: TestFleet.Mebibyte));
        fleet.Feed.Read(TestFleet.Predict(T, ["zz"]));
        for (int i = 0; i < 50; i++) Assert.Equal("zz", NameOf(Decide($"{i}")));
    }

    [Fact]
    public void A_deadline_that_only_one_VM_meets_finds_it_and_one_that_none_meets_is_rejected()
    {
        fleet.Feed.Read(TestFleet.Predict(T, TestFleet.Names(100), utilization: 1, busy: 1));
        fleet.Feed.Read(TestFleet.Predict(T, ["zz"]));
        for (int v = 0; v < 100; v++) Load($"vm-{v:000}", 4);
        Assert.Equal("zz", NameOf(Decide(deadlineS: 1.08)));
        Assert.Null(choice.RejectCode);
        Decide(deadlineS: 1.06);
        Assert.Equal(RejectCodes.Deadline, choice.RejectCode);
        Assert.Equal("zz", NameOf(choice.Best[0]));
    }

    [Fact]
    public void A_deadline_may_be_held_against_the_share_of_calls_that_would_miss_it()
    {
        Predict("a");
        fleet.Feed.AdvanceTo(T);
        int f = fleet.State.FunctionRow("f");
        // Nine of ten calls take .1 s, the tenth 10 s: about 1.1 s on average.
        for (int i = 0; i < 100; i++) fleet.State.Functions.Learn(f, i % 10 == 9 ? 10 : .1, 0, i % 10 == 9 ? 10 : .1, 1);
        Decide(deadlineS: 1, options: new PolicyOptions { DeadlineMisses = 0 });
        Assert.Equal(RejectCodes.Deadline, choice.RejectCode);
        Decide(deadlineS: 1, options: new PolicyOptions { DeadlineMisses = .5 });
        Assert.Null(choice.RejectCode);
        // Cold starts were never seen: the prior stands for all levels.
        Assert.InRange(choice.Best[0].DueS, K + .095, K + .105);
        Decide(deadlineS: 1, options: new PolicyOptions { DeadlineMisses = .05 });
        Assert.Equal(RejectCodes.Deadline, choice.RejectCode);
    }

    [Fact]
    public void Containers_of_functions_that_return_do_not_give_way_where_others_can()
    {
        fleet.Feed.Read(TestFleet.Predict(T, ["a", "b"], memoryBytes: 256 * TestFleet.Mebibyte));
        fleet.Feed.AdvanceTo(T);
        int often = fleet.State.FunctionRow("often"), never = fleet.State.FunctionRow("never");
        for (int i = 0; i < 100; i++) fleet.State.Functions.Arrived(often, T - (i * 1000));
        fleet.State.Containers.Add(fleet.Vm("a"), often, 256 * TestFleet.Mebibyte, T + 600_000);
        fleet.State.Containers.Add(fleet.Vm("b"), never, 256 * TestFleet.Mebibyte, T + 600_000);
        PolicyOptions keep = new() { KeepWarm = 1 };
        for (int i = 0; i < 20; i++) Assert.Equal(("b", 0.0), (NameOf(Decide($"{i}", options: keep)), choice.Best[0].WarmLossS));
        // It will surely be called again within ten minutes, and then have a cold start.
        Assert.Equal(K, choice.Best[1].WarmLossS, 3);
        Assert.Equal(D + (2 * K), choice.Best[1].CostS, 3);
        Assert.Contains("a", Enumerable.Range(0, 20).Select(i => NameOf(Decide($"{i}"))));
    }

    private string NameOf(in VmOption option) => fleet.State.Vms.Name[option.Vm];

    private void Predict(string vm, float utilization = 0, float busy = 0) => fleet.Feed.Read(TestFleet.Predict(T, [vm], utilization, busy));

    private void Load(string vm, int calls)
    {
        fleet.Feed.AdvanceTo(T);
        fleet.State.Vms.InFlight[fleet.Vm(vm)] += calls;
    }

    private VmOption Decide(string id = "call", double deadlineS = double.PositiveInfinity, PolicyOptions? options = null)
    {
        fleet.Feed.AdvanceTo(T);
        choice.Clear();
        new ExpectedCompletionTimePolicy(options ?? new PolicyOptions()).Decide(
            new CallRequest(SplitMix.Mix((ulong)CallId.Of(id)), fleet.State.FunctionRow("f"), "t", 128 * TestFleet.Mebibyte, deadlineS), fleet.State, choice);
        return choice.Best[0];
    }
}
