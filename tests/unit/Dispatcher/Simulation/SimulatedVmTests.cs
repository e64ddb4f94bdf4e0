using CsCheck;
using Pipeline.Dispatcher.Simulation;

namespace Pipeline.Tests.Unit.Dispatcher.Simulation;

public sealed class SimulatedVmTests
{
    [Fact]
    public void Calls_share_the_cores_and_speed_up_when_one_ends()
    {
        SimulatedVm vm = new(cores: 1);
        vm.Start(call: 7, workS: 1, timeS: 0);
        Assert.Equal(1, vm.NextEndS, 12);
        vm.Start(8, 2, .5);
        // Half done; the other half takes a second at half the rate.
        Assert.Equal(1.5, vm.NextEndS, 12);
        Assert.Equal(7, vm.End(1.5));
        // 2 - .5 are left at full rate.
        Assert.Equal(3, vm.NextEndS, 12);
        Assert.Equal(8, vm.End(3));
        Assert.True(double.IsPositiveInfinity(vm.NextEndS));
        Assert.Equal(3, vm.WorkS, 12);
    }

    [Fact]
    public void A_call_uses_one_core_at_most_and_all_share_a_fifth_at_least()
    {
        SimulatedVm vm = new(4);
        vm.Start(1, 1, 0);
        Assert.Equal(1, vm.NextEndS, 12);
        vm.SetOwnLoad(1, .5);
        Assert.Equal(.5 + (.5 / .2), vm.NextEndS, 9);
        vm.SetOwnLoad(.9, 1.5);
        Assert.Equal(1.5 + (.3 / .4), vm.NextEndS, 9);
        vm.SetOwnLoad(1, 1.5);
        vm.Start(2, 9, 1.5);
        Assert.Equal(1.5 + (.3 / .1), vm.NextEndS, 9);
    }

    [Fact]
    public void The_heap_agrees_with_a_scan() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 20]).Array[1, 100].Sample(changes =>
        {
            EndHeap heap = new(10);
            double[] times = [.. Enumerable.Repeat(double.PositiveInfinity, 10)];
            foreach ((int item, int time) in changes)
            {
                times[item] = time == 0 ? double.PositiveInfinity : time;
                heap.Set(item, times[item]);
                Assert.Equal(times.Min(), heap.FirstTime);
                Assert.Equal(Array.IndexOf(times, times.Min()), heap.First);
            }
        });
}
