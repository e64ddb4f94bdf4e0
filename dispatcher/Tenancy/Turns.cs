using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>Whose turn it is: calls over a quota, or beyond what may be in flight on the whole fleet, wait as long as they may.</summary>
internal sealed class Turns(FleetState fleet)
{
    private readonly FairQueue queue = new();
    private readonly FleetDepth depth = new(fleet);

    // Kept, so that a decision allocates nothing.
    private Func<TenantAccount, bool>? withinShare;

    /// <summary>Calls that wait.</summary>
    public int Count => queue.Count;

    /// <summary>Takes a call in: it waits until it is served or dropped.</summary>
    public WaitingCall Enter(CallTicket ticket, long sinceMs)
    {
        WaitingCall call = new(ticket, sinceMs, UntilMs(ticket, sinceMs));
        queue.Add(call);
        return call;
    }

    /// <summary>Takes a call in that waited before, on another instance.</summary>
    public void Restore(WaitingCall call)
    {
        queue.Add(call);
        queue.Keep(call);
    }

    /// <summary>The call that may be dispatched now; null when there is none.</summary>
    public WaitingCall? Next()
    {
        if (queue.Count == 0 || fleet.CallsInFlight >= depth.Calls) return null;
        return queue.Next(fleet.ClockMs, fleet.CallsInFlight < depth.Unreserved ? null : withinShare ??= depth.IsWithinShare);
    }

    /// <summary>Takes out what <see cref="Next"/> gave: it is dispatched.</summary>
    public void Serve(WaitingCall call) => queue.Serve(call, ServiceS(call.Ticket));

    /// <summary>Takes out a call that is not dispatched.</summary>
    public void Drop(WaitingCall call) => queue.Drop(call);

    /// <summary>A call whose time is over, the first first.</summary>
    public WaitingCall? Expired() => queue.Expired(fleet.ClockMs);

    /// <summary>Why a call that has just come and is not next cannot wait, in words; null: it may, and is told of by <see cref="Expired"/> when its time is over.</summary>
    public string? Refusal(WaitingCall call)
    {
        TenantAccount tenant = call.Ticket.Tenant;
        call.WaitsFor = tenant.Obstacle(fleet.ClockMs, call.Ticket.Cores, call.Ticket.IsRetry) ?? RejectCodes.Overload;
        if (tenant.Waiting > tenant.Quota.Waiting) return DeskReasons.Full(tenant);
        if (EarliestMs(call) > call.UntilMs) return DeskReasons.TooLate(call);
        queue.Keep(call);
        return null;
    }

    /// <summary>Event time at which a waiting call is expected to fit.</summary>
    public long EarliestMs(WaitingCall call)
    {
        TenantAccount tenant = call.Ticket.Tenant;
        double serviceS = ServiceS(call.Ticket);
        int ahead = Math.Max(0, tenant.Waiting - 1);
        if (call.WaitsFor != RejectCodes.Overload) return tenant.EarliestMs(call.WaitsFor, fleet.ClockMs, ahead, serviceS);
        double ends = Math.Min(depth.Calls, Math.Max(1, fleet.CallsInFlight));
        // By turns: with k tenants waiting, the tenant's own queue empties at 1/k of the fleet's pace; at worst all are before it.
        return fleet.ClockMs + 1 + (long)(Math.Min(queue.Count, (ahead + 1) * queue.Flows) * serviceS * 1000 / ends);
    }

    private long UntilMs(CallTicket ticket, long sinceMs)
    {
        long untilMs = sinceMs + ticket.Tenant.Quota.DelayMs;
        Invocation call = ticket.Invocation;
        return call.DeadlineMs == 0 ? untilMs : Math.Min(untilMs, call.TimeUnixMs + call.DeadlineMs - (long)(ServiceS(ticket) * 1000));
    }

    private double ServiceS(CallTicket ticket) => fleet.Functions.ServiceS[fleet.FunctionRow(ticket.Invocation.Function)];
}
