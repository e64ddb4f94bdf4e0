using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>
/// Which tenant's call is next: start-time fair queueing with depth, SFQ(D). Calls get a start tag S = max(v, finish tag of the tenant's
/// call before) and a finish tag F = S + work / weight; the lowest start tag goes first, and v is the start tag of the newest call served.
/// Up to D calls are in flight. While two tenants f and m wait, the work served to them by weight differs by no more than
/// l_f / w_f + l_m / w_m, with l the largest call.
/// A tenant held back by its own quota does not save up: its start tag goes along with v.
/// </summary>
/// <remarks>Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996; with depth: Jin, Chase, Kaur, SIGMETRICS 2004.</remarks>
internal sealed class FairQueue
{
    private readonly List<TenantAccount> active = [];
    private readonly PriorityQueue<WaitingCall, (long, UInt128)> expiry = new();
    private double virtualTime;

    /// <summary>Calls that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Tenants that wait.</summary>
    public int Flows => active.Count;

    public void Add(WaitingCall call)
    {
        TenantAccount tenant = call.Ticket.Tenant;
        if (tenant.Flow.Count == 0 && !active.Contains(tenant)) active.Add(tenant);
        tenant.Flow.Add(call, virtualTime);
        Count++;
    }

    /// <summary>It will wait, until <see cref="WaitingCall.UntilMs"/> at most.</summary>
    public void Keep(WaitingCall call) => expiry.Enqueue(call, (call.UntilMs, call.Ticket.Key));

    /// <summary>The call that is next among those whose tenant's quota allows it; null when there is none.</summary>
    /// <param name="nowMs">Event time.</param>
    /// <param name="allowed">Tenants that may be next; null: all.</param>
    public WaitingCall? Next(long nowMs, Func<TenantAccount, bool>? allowed = null)
    {
        WaitingCall? next = null;
        for (int i = active.Count - 1; i >= 0; i--)
        {
            TenantAccount tenant = active[i];
            if (tenant.Flow.Peek() is not { } head)
            {
                active.RemoveAt(i);
                continue;
            }
            if (tenant.Obstacle(nowMs, head.Ticket.Cores, head.Ticket.IsRetry) is { } obstacle)
            {
                head.WaitsFor = obstacle;
                tenant.Flow.Start = Math.Max(tenant.Flow.Start, virtualTime);
            }
            else if (allowed is not null && !allowed(tenant))
            {
                head.WaitsFor = RejectCodes.Overload;
            }
            else if (next is null || Before(tenant, next.Ticket.Tenant))
            {
                next = head;
            }
        }
        return next;
    }

    /// <summary>Takes out what <see cref="Next"/> gave: it is served.</summary>
    public void Serve(WaitingCall call, double work)
    {
        TenantAccount tenant = call.Ticket.Tenant;
        virtualTime = Math.Max(virtualTime, tenant.Flow.Start);
        tenant.Flow.Serve(work, tenant.Quota.Weight);
        Count--;
    }

    /// <summary>It waits no more, and was not served.</summary>
    public void Drop(WaitingCall call)
    {
        if (!call.IsWaiting) return;
        call.Ticket.Tenant.Flow.Drop(call);
        Count--;
    }

    /// <summary>A call whose time is over, the first first.</summary>
    public WaitingCall? Expired(long nowMs)
    {
        while (expiry.TryPeek(out WaitingCall? call, out _) && (!call.IsWaiting || call.UntilMs <= nowMs))
        {
            expiry.Dequeue();
            if (call.IsWaiting) return call;
        }
        return null;
    }

    // Equal tags go by name, so that nothing depends on the order of arrival.
    private static bool Before(TenantAccount a, TenantAccount b) =>
        a.Flow.Start != b.Flow.Start ? a.Flow.Start < b.Flow.Start : string.CompareOrdinal(a.Name, b.Name) < 0;
}
