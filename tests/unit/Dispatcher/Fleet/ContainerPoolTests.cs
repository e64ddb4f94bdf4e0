using CsCheck;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Tests.Unit.Dispatcher.Fleet;

public sealed class ContainerPoolTests
{
    [Fact]
    public void A_container_is_taken_once_and_expires()
    {
        ContainerPool pool = new();
        pool.Add(vm: 3, function: 7, bytes: 10, expiryMs: 1000);
        Assert.True(pool.IsWarm(3, 7, 999));
        Assert.False(pool.IsWarm(2, 7, 999));
        Assert.False(pool.IsWarm(3, 6, 999));
        Assert.True(pool.Take(3, 7, 999));
        Assert.False(pool.Take(3, 7, 999));
        pool.Add(3, 7, 10, 1000);
        Assert.False(pool.IsWarm(3, 7, 1000));
        Assert.Equal(0, pool.IdleBytes(3));
    }

    [Fact]
    public void The_oldest_containers_of_a_VM_give_way_first()
    {
        ContainerPool pool = new();
        for (int f = 0; f < 5; f++) pool.Add(0, f, 10, 1000 + f);
        pool.Shrink(0, 25);
        Assert.Equal([false, false, false, true, true], Enumerable.Range(0, 5).Select(f => pool.IsWarm(0, f, 0)));
    }

    [Fact]
    public void Containers_of_a_function_come_newest_first_whatever_order_they_were_added_in()
    {
        ContainerPool pool = new();
        foreach (int expiry in new[] { 30, 10, 50, 20, 40 }) pool.Add(expiry / 10, 0, 1, expiry);
        List<int> vms = [];
        for (int c = pool.First(0, 15); c >= 0; c = pool.Next(c)) vms.Add(pool.VmOf(c));
        Assert.Equal([5, 4, 3, 2], vms);
    }

    [Fact]
    public void The_pool_agrees_with_a_plain_list() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, 60]).Array[0, 200].Sample(steps =>
        {
            ContainerPool pool = new();
            List<(int Vm, int Function, int Bytes, int Expiry, int Added)> model = [];
            int now = 0;
            for (int i = 0; i < steps.Length; i++)
            {
                (int action, int vm, int function, int value) = steps[i];
                now += value % 3;
                switch (action)
                {
                    case 0 or 1:
                        pool.Add(vm, function, value, now + value);
                        model.Add((vm, function, value, now + value, i));
                        break;
                    case 2:
                        var newest = model.Where(m => m.Vm == vm && m.Function == function && m.Expiry > now).OrderByDescending(m => m.Expiry).ThenBy(m => m.Added).ToList();
                        Assert.Equal(newest.Count > 0, pool.Take(vm, function, now));
                        // Of equal expiry the pool may take another one; memory tells them apart only here.
                        if (newest.Count > 0 && newest.Count(m => m.Expiry == newest[0].Expiry) > 1) return;
                        if (newest.Count > 0) model.Remove(newest[0]);
                        break;
                    default:
                        pool.Sweep(now);
                        break;
                }
                model.RemoveAll(m => m.Expiry <= now);
                pool.Sweep(now);
                Assert.Equal(model.Count, pool.Count);
                for (int v = 0; v < 5; v++) Assert.Equal(model.Where(m => m.Vm == v).Sum(m => (long)m.Bytes), pool.IdleBytes(v));
            }
        });
}
