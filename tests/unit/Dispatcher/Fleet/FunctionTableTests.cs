using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class FunctionTableTests
{
    private readonly FunctionTable table = new();

    [Fact]
    public void An_unknown_function_has_the_priors()
    {
        int f = table.GetOrAdd("f", new FleetCounters());
        Assert.Equal((FunctionTable.PriorServiceS, FunctionTable.PriorColdStartS), (table.ServiceS[f], table.ColdStartS[f]));
    }

    [Fact]
    public void The_prior_weighs_as_much_as_one_completion()
    {
        int f = table.GetOrAdd("f", new FleetCounters());
        table.Learn(f, wallS: 2.57, coldStartS: 0, cpuS: 2.57, slowdown: 1);
        Assert.Equal((.57 + 2.57) / 2, table.ServiceS[f], 12);
        table.Learn(f, 1, 0, 1, 1);
        Assert.Equal((.57 + 2.57 + 1) / 3, table.ServiceS[f], 12);
        Assert.Equal(FunctionTable.PriorColdStartS, table.ColdStartS[f]);
    }

    [Fact]
    public void A_cold_start_is_learnt_apart_and_what_the_VM_slowed_down_is_taken_out()
    {
        int f = table.GetOrAdd("f", new FleetCounters());
        // 3 s of wall on a VM twice as slow, 1 s of it the cold start; .75 s of CPU of which two thirds fall on the service.
        table.Learn(f, wallS: 3, coldStartS: 1, cpuS: .75, slowdown: 2);
        Assert.Equal((.57 + 1) / 2, table.ServiceS[f], 12);
        Assert.Equal((.5 + .5) / 2, table.ColdStartS[f], 12);
        Assert.Equal((.57 + .5) / 2, table.CpuS[f], 12);
    }

    [Fact]
    public void Service_time_is_never_learnt_below_the_CPU_time()
    {
        int f = table.GetOrAdd("f", new FleetCounters());
        table.Learn(f, wallS: 1, coldStartS: 0, cpuS: .9, slowdown: 10);
        Assert.Equal((.57 + .9) / 2, table.ServiceS[f], 12);
    }

    [Fact]
    public void Old_completions_fade()
    {
        int f = table.GetOrAdd("f", new FleetCounters());
        for (int i = 0; i < 10_000; i++) table.Learn(f, 1, 0, 1, 1);
        for (int i = 0; i < 300; i++) table.Learn(f, 3, 0, 3, 1);
        Assert.InRange(table.ServiceS[f], 2.85, 3);
    }

    [Fact]
    public void Functions_beyond_the_limit_share_a_row_and_are_counted()
    {
        FleetCounters counters = new();
        for (int i = 0; i < FunctionTable.Limit; i++) Assert.NotEqual(FunctionTable.Others, table.GetOrAdd($"f{i}", counters));
        Assert.Equal(FunctionTable.Others, table.GetOrAdd("one too many", counters));
        Assert.Equal(1, counters.FunctionsOverLimit);
    }
}
