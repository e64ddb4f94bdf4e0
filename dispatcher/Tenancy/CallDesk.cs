using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Tenancy;

/// <summary>
/// Takes calls in, lets those wait that are over a quota or out of turn, and gives each its answer. What is to be written stands ready by
/// partition, so that it goes out in a transaction of that partition.
/// <code>
///            quota and turn                     completion, or time          broke off, attempts left
///   call ───────────────────► dispatched    waiting ─────────► dispatched ────────────────────────────► call
///     │ not now, but in time ──► waiting       │ too late                   │ none left
///     └ not in time ──► rejected               └──► rejected                └──► rejected
/// </code>
/// </summary>
public sealed class CallDesk(CallRouter router)
{
    private readonly Turns turns = new(router.Feed.Fleet);
    private readonly SortedDictionary<int, Queue<Answer>> ready = [];
    private readonly Dictionary<UInt128, WaitingCall> waiting = [];
    private readonly List<UInt128> mended = [];
    private long calledMs = long.MinValue;
    private long knownMs = long.MinValue;
    private long knownAtMs;

    private FleetFeed Feed => router.Feed;

    private FleetState Fleet => router.Feed.Fleet;

    /// <summary>Calls that wait on this instance.</summary>
    public int Waiting => turns.Count;

    /// <summary>A partition is this instance's.</summary>
    public void Open(int partition) => ready[partition] = new Queue<Answer>();

    /// <summary>A partition is another instance's, and what waits of it is that one's.</summary>
    public void Close(int partition)
    {
        ready.Remove(partition);
        foreach ((UInt128 id, WaitingCall call) in waiting.Where(w => w.Value.Ticket.Partition == partition).ToList())
        {
            turns.Drop(call);
            waiting.Remove(id);
        }
    }

    /// <summary>What is to be written for a partition; false when there is nothing more.</summary>
    public bool TryTake(int partition, out Answer answer)
    {
        answer = default;
        return ready.TryGetValue(partition, out Queue<Answer>? answers) && answers.TryDequeue(out answer);
    }

    public bool HasReady(int partition) => ready.TryGetValue(partition, out Queue<Answer>? answers) && answers.Count > 0;

    /// <summary>Takes an invocation in.</summary>
    public void Submit(Invocation invocation, int partition)
    {
        calledMs = Math.Max(calledMs, invocation.TimeUnixMs);
        Feed.AdvanceTo(invocation.TimeUnixMs);
        UInt128 id = CallId.Of(invocation.Id);
        if (invocation.Cancel)
        {
            Cancel(invocation, id, partition);
            return;
        }
        Release();
        if (!Feed.Calls.AddAnswer(id))
        {
            Fleet.Counters.RepeatedInvocations++;
            return;
        }
        Enter(new CallTicket
        {
            Key = id,
            Invocation = invocation,
            Tenant = Fleet.Tenants.GetOrAdd(invocation.Tenant),
            Partition = partition,
            Cores = Fleet.Functions.CoresOf(Fleet.FunctionRow(invocation.Function)),
        }, invocation.TimeUnixMs);
    }

    /// <summary>A record of function.deferrals of a partition that has come to this instance.</summary>
    public void Restore(Deferral value, int partition)
    {
        UInt128 id = CallId.Of(value.Invocation.Id);
        if (waiting.Remove(id, out WaitingCall? before)) turns.Drop(before);
        if (value.Settled) return;
        CallTicket ticket = new()
        {
            Key = id,
            Invocation = value.Invocation,
            Tenant = Fleet.Tenants.GetOrAdd(value.Invocation.Tenant),
            Partition = partition,
            Attempt = (int)value.Attempt,
            Cores = Fleet.Functions.CoresOf(Fleet.FunctionRow(value.Invocation.Function)),
            FailedVm = value.FailedVm,
            FailedCommunity = value.FailedCommunity,
        };
        Feed.Calls.AddAnswer(id, ticket.Attempt);
        Feed.Mend(id);
        calledMs = Math.Max(calledMs, value.SinceUnixMs);
        WaitingCall call = new(ticket, value.SinceUnixMs, value.UntilUnixMs) { IsDeferred = true, WaitsFor = value.WaitsFor };
        waiting[id] = call;
        turns.Restore(call);
    }

    /// <summary>
    /// Event time goes on though nobody calls: from the newest call or decision known, at the pace of the wall clock. Time-outs and ends of
    /// calls take effect, and who waits may get its turn.
    /// </summary>
    /// <param name="quiet">Wall time since the newest call of this instance.</param>
    public void Pass(TimeSpan quiet)
    {
        long quietMs = (long)quiet.TotalMilliseconds;
        if (calledMs > knownMs) (knownMs, knownAtMs) = (calledMs, 0);
        if (Feed.DecidedMs > knownMs) (knownMs, knownAtMs) = (Feed.DecidedMs, quietMs);
        knownAtMs = Math.Min(knownAtMs, quietMs);
        if (knownMs == long.MinValue || (turns.Count == 0 && Fleet.CallsInFlight == 0 && Feed.Broken.Count == 0 && Feed.Waiting == 0)) return;
        Feed.AdvanceTo(knownMs + quietMs - knownAtMs);
        Release();
    }

    /// <summary>Answers all that can be answered now.</summary>
    private void Release()
    {
        Retry();
        while (turns.Expired() is { } late) Refuse(late, "its time to wait is over");
        while (turns.Next() is { } next) Serve(next);
    }

    /// <summary>What broke off is tried again, or given up.</summary>
    private void Retry()
    {
        if (Feed.Broken.Count == 0) return;
        foreach ((UInt128 id, BrokenCall call) in Feed.Broken)
            if (ready.ContainsKey(call.Ticket.Partition)) mended.Add(id);
        mended.Sort();
        foreach (UInt128 id in mended)
        {
            BrokenCall call = Feed.Broken[id];
            Feed.Mend(id);
            if (call.Ticket.Attempt + 1 < Fleet.Options.Attempts) TryAgain(call);
            else GiveUp(call);
        }
        mended.Clear();
    }

    private void TryAgain(in BrokenCall call)
    {
        CallTicket ticket = call.Ticket with { Attempt = call.Ticket.Attempt + 1, FailedVm = Fleet.Vms.Name[call.Vm], FailedCommunity = Fleet.Vms.Community[call.Vm] };
        Feed.Calls.AddAnswer(ticket.Key, ticket.Attempt);
        Fleet.Counters.Retries++;
        Enter(ticket, Fleet.ClockMs);
    }

    private void GiveUp(in BrokenCall call)
    {
        Feed.Calls.AddCompletion(call.Ticket.Key);
        Fleet.Counters.ExhaustedCalls++;
        Put(call.Ticket, new Answer(router.Reject(call.Ticket, Fleet.ClockMs, RejectCodes.Attempts, DeskReasons.Exhausted(call, Fleet), 0), null));
    }

    private void Enter(CallTicket ticket, long sinceMs)
    {
        WaitingCall call = turns.Enter(ticket, sinceMs);
        while (call.IsWaiting && turns.Next() is { } next) Serve(next);
        if (!call.IsWaiting) return;
        if (turns.Refusal(call) is { } why) Refuse(call, why);
        else Defer(call);
    }

    private void Serve(WaitingCall call)
    {
        CallTicket ticket = call.Ticket;
        turns.Serve(call);
        Put(ticket, new Answer(router.Answer(ticket, Math.Max(call.SinceMs, call.IsDeferred || ticket.IsRetry ? Fleet.ClockMs : call.SinceMs)), Settle(call)));
    }

    private void Defer(WaitingCall call)
    {
        call.IsDeferred = true;
        waiting[call.Ticket.Key] = call;
        Fleet.Counters.DeferredCalls++;
        Put(call.Ticket, new Answer(null, new Deferral
        {
            Invocation = call.Ticket.Invocation,
            Attempt = (uint)call.Ticket.Attempt,
            SinceUnixMs = call.SinceMs,
            UntilUnixMs = call.UntilMs,
            WaitsFor = call.WaitsFor,
            FailedVm = call.Ticket.FailedVm,
            FailedCommunity = call.Ticket.FailedCommunity,
        }));
    }

    private void Refuse(WaitingCall call, string why)
    {
        long earliestMs = turns.EarliestMs(call);
        turns.Drop(call);
        Feed.Calls.AddCompletion(call.Ticket.Key);
        Put(call.Ticket, new Answer(router.Reject(call.Ticket, Fleet.ClockMs, call.WaitsFor, DeskReasons.Refused(call, why, earliestMs), earliestMs), Settle(call)));
    }

    private void Cancel(Invocation invocation, UInt128 id, int partition)
    {
        bool known = Feed.Calls.Knows(id);
        if (Feed.Calls.IsCompleted(id))
        {
            Fleet.Counters.LateCancellations++;
            return;
        }
        if (!known) Feed.Calls.AddAnswer(id);
        Fleet.Counters.CancelledCalls++;
        Feed.Calls.AddCompletion(id);
        Feed.Mend(id);
        if (waiting.TryGetValue(id, out WaitingCall? call))
        {
            turns.Drop(call);
            Put(call.Ticket, new Answer(router.Reject(call.Ticket, Fleet.ClockMs, RejectCodes.Cancelled, "taken back by its gateway while it waited", 0), Settle(call)));
            return;
        }
        CallTicket? ticket = Fleet.InFlight(id, out int vm);
        ticket ??= new CallTicket { Key = id, Invocation = invocation, Tenant = Fleet.Tenants.GetOrAdd(invocation.Tenant), Partition = partition };
        Dispatch answer = router.Reject(ticket, Fleet.ClockMs, RejectCodes.Cancelled, vm < 0 ? "taken back by its gateway before it was dispatched" : "taken back by its gateway while it ran", 0);
        if (vm >= 0)
        {
            answer.Outcome = Dispatch.Types.Outcome.Cancelled;
            answer.Vm = Fleet.Vms.Name[vm];
            answer.Cell = Fleet.Vms.CellOf(vm);
        }
        Put(ticket, new Answer(answer, null));
    }

    private Deferral? Settle(WaitingCall call)
    {
        if (!call.IsDeferred) return null;
        waiting.Remove(call.Ticket.Key);
        // The function is the record's key.
        return new Deferral { Invocation = new Invocation { Id = call.Ticket.Invocation.Id, Function = call.Ticket.Invocation.Function }, Settled = true };
    }

    private void Put(CallTicket ticket, in Answer answer) => ready[ticket.Partition].Enqueue(answer);
}
