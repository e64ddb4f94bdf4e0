using CsCheck;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class VmTableTests
{
    [Fact]
    public void Live_VMs_are_in_the_order_of_their_names_whatever_order_they_came_in() =>
        Gen.Shuffle(Enumerable.Range(0, 40).ToArray()).Sample(order =>
        {
            VmTable table = new();
            foreach (int i in order) Add(table, $"vm-{i:00}", 0);
            Assert.Equal(Enumerable.Range(0, 40).Select(i => $"vm-{i:00}"), table.Live.ToArray().Select(v => table.Name[v]));
        });

    [Fact]
    public void A_VM_is_live_once_its_cores_are_known_and_it_was_seen()
    {
        VmTable table = new();
        int vm = table.GetOrAdd("a");
        table.See(vm, 10);
        Assert.Equal(0, table.LiveCount);
        table.Describe(vm, "cell-0", 4, 1000);
        table.See(vm, 10);
        Assert.True(table.IsLive(vm));
    }

    [Fact]
    public void A_VM_that_was_silent_too_long_leaves_and_comes_back_with_a_sign_of_life()
    {
        VmTable table = new();
        int a = Add(table, "a", 0), b = Add(table, "b", 500);
        table.CellPredicted("cell-0", 1000, timeoutMs: 600);
        Assert.Equal([b], table.Live.ToArray());
        table.See(a, 1100);
        Assert.Equal([a, b], table.Live.ToArray());
    }

    [Fact]
    public void A_predictor_of_another_cell_takes_no_VM_away()
    {
        VmTable table = new();
        int a = Add(table, "a", 0);
        table.CellPredicted("cell-1", 100_000, 600);
        Assert.True(table.IsLive(a));
    }

    [Fact]
    public void A_VM_that_is_drained_is_not_live_and_not_lost_until_it_falls_silent()
    {
        VmTable table = new();
        int a = Add(table, "a", 1000), b = Add(table, "b", 1000);
        table.Drain(a, true);
        table.See(a, 1500);
        table.CellPredicted("cell-0", 2000, timeoutMs: 600);
        Assert.Equal((1, 0), (table.DrainingCount, table.LiveCount));
        Assert.Equal((false, true), (table.IsLost(a, 600), table.IsLost(b, 600)));
        table.CellPredicted("cell-0", 3000, timeoutMs: 600);
        Assert.True(table.IsLost(a, 600));
        table.See(a, 3000);
        table.Drain(a, false);
        table.Drain(a, false);
        Assert.Equal([a], table.Live.ToArray());
        Assert.Equal(0, table.DrainingCount);
    }

    [Fact]
    public void A_VM_that_is_not_known_yet_can_be_drained()
    {
        VmTable table = new();
        table.Drain(table.GetOrAdd("a"), true);
        int a = Add(table, "a", 0);
        Assert.False(table.IsLive(a));
        table.Drain(a, false);
        Assert.True(table.IsLive(a));
    }

    private static int Add(VmTable table, string name, long seenMs)
    {
        int vm = table.GetOrAdd(name);
        table.Describe(vm, "cell-0", 4, 1000);
        table.See(vm, seenMs);
        return vm;
    }
}
