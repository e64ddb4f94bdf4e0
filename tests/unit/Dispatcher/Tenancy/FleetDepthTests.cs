using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Tenancy;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Dispatcher.Tenancy;

public sealed class FleetDepthTests
{
    private readonly DeskRig rig = new(tenants: [new Tenant { Name = "*", CallsPerCore = 4 }, new Tenant { Name = "calm", Weight = 3 }]);

    private FleetState Fleet => rig.Feed.Fleet;

    [Fact]
    public void Depth_is_calls_for_each_free_core_and_one_a_core_is_for_all()
    {
        FleetDepth depth = new(Fleet);
        rig.Submit(DeskRig.Call("0"));
        Assert.Equal(depth.Calls, 4 * depth.Unreserved, 1e-9);
        Assert.InRange(depth.Unreserved, 1, 16);
    }

    [Fact]
    public void A_tenant_is_beyond_its_share_while_it_used_much_more_in_the_last_minute()
    {
        FleetDepth depth = new(Fleet);
        TenantAccount calm = Fleet.Tenants.GetOrAdd("calm"), heavy = Fleet.Tenants.GetOrAdd("heavy");
        calm.Begin(1, 1, Fleet.ClockMs);
        double cores = Measured(depth) / 4;
        // A quarter of the weight: half of the fleet and a tenth, for a minute.
        heavy.Begin(1, .59 * cores * TenantAccount.RecentS, Fleet.ClockMs);
        rig.Submit(DeskRig.Call("1", 1000, "calm"));
        Assert.True(depth.Calls > 0 && depth.IsWithinShare(heavy));
        heavy.Begin(1, .1 * cores * TenantAccount.RecentS, Fleet.ClockMs);
        Assert.False(depth.IsWithinShare(heavy));
        Assert.True(depth.IsWithinShare(calm));
        rig.Submit(DeskRig.Call("later", 60_000, "calm"));
        Assert.True(depth.IsWithinShare(heavy));
    }

    [Fact]
    public void Beyond_one_call_a_core_only_tenants_within_their_share_get_a_turn()
    {
        rig.Worker = _ => null;
        rig.Submit(DeskRig.Call("first", 0, "calm"));
        TenantAccount heavy = Fleet.Tenants.GetOrAdd("heavy");
        heavy.Begin(1, 1e6, Fleet.ClockMs);
        int i = 0;
        while (rig.Desk.Waiting == 0 && i < 100) rig.Submit(DeskRig.Call($"h{i++}", 1100, "heavy"));
        int atOnce = rig.InFlight("heavy");
        Assert.InRange(atOnce, 1, 15);
        rig.Submit(DeskRig.Call("calm", 1100, "calm"));
        Assert.Equal((2, atOnce, 1), (rig.InFlight("calm"), rig.InFlight("heavy"), rig.Desk.Waiting));
    }

    private double Measured(FleetDepth depth)
    {
        rig.Submit(DeskRig.Call("0", 0, "calm"));
        return depth.Calls;
    }
}
