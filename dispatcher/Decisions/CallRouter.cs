using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Gives calls their VM, or a rejection. What was decided is part of the fleet's state at once.</summary>
public sealed class CallRouter(FleetFeed feed, IPolicy policy, ulong seed, OnlineProof? proof = null, PolicyOptions? options = null)
{
    private readonly OnlineProof proof = proof ?? new OnlineProof();
    private readonly PolicyOptions options = options ?? new PolicyOptions();
    private readonly Choice choice = new();
    private readonly ulong seedHash = SplitMix.Mix(seed);

    public FleetFeed Feed => feed;

    /// <summary>How policies do.</summary>
    public OnlineProof Proof => proof;

    /// <summary>Attempts dispatched and calls rejected so far.</summary>
    public long Dispatched { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>The answer to an invocation of a tenant without quota; null when it was answered before. The event time of a decision is that of its invocation.</summary>
    public Dispatch? Route(Invocation invocation)
    {
        feed.AdvanceTo(invocation.TimeUnixMs);
        UInt128 id = CallId.Of(invocation.Id);
        if (!feed.Calls.AddAnswer(id))
        {
            feed.Fleet.Counters.RepeatedInvocations++;
            return null;
        }
        int function = feed.Fleet.FunctionRow(invocation.Function);
        CallTicket ticket = new() { Key = id, Invocation = invocation, Tenant = feed.Fleet.Tenants.GetOrAdd(invocation.Tenant), Partition = 0, Cores = feed.Fleet.Functions.CoresOf(function) };
        return Answer(ticket, invocation.TimeUnixMs);
    }

    /// <summary>Decides about an attempt at this event time.</summary>
    public Dispatch Answer(CallTicket ticket, long timeMs)
    {
        FleetState fleet = feed.Fleet;
        CallRequest call = RequestOf(ticket, timeMs);
        bool trial = proof.IsOnTrial(call.Hash);
        Decider decider = new(trial ? proof.Trial! : policy, options, trial);
        choice.Clear();
        decider.Policy.Decide(call, fleet, choice);
        int chosen = choice.RejectCode is null ? Chosen(ticket) : 0;
        // The record tells what the decision was based on, so it is written before the decision changes the fleet.
        Dispatch answer = DecisionWriter.Write(ticket, timeMs, call, decider, fleet, choice, chosen);
        proof.Score(answer, call, fleet);
        if (choice.RejectCode is null)
        {
            VmOption option = choice.Best[chosen];
            if (!ticket.IsRetry) ticket.Tenant.Charge(timeMs);
            fleet.Start(ticket.Key, option.Vm, call.Function, call.MemoryBytes, Capacity.Slowdown(option.Ratio), ticket with { Policy = decider.Policy.Name, ExpectedS = option.CostS });
            Dispatched++;
        }
        else
        {
            feed.Calls.AddCompletion(ticket.Key);
            Rejected++;
        }
        return answer;
    }

    /// <summary>A rejection for a reason that no policy knows.</summary>
    public Dispatch Reject(CallTicket ticket, long timeMs, string code, string reason, long earliestMs)
    {
        Rejected++;
        return DecisionWriter.Reject(ticket, timeMs, code, reason, earliestMs);
    }

    private CallRequest RequestOf(CallTicket ticket, long timeMs)
    {
        Invocation invocation = ticket.Invocation;
        ulong hash = SplitMix.Mix((ulong)ticket.Key ^ seedHash ^ SplitMix.Mix((ulong)ticket.Attempt) ^ SplitMix.Mix(0));
        // What was waited for is gone from the time that is left.
        double leftMs = invocation.DeadlineMs - (double)Math.Max(0, timeMs - invocation.TimeUnixMs);
        return new CallRequest(
            hash,
            feed.Fleet.FunctionRow(invocation.Function),
            invocation.Tenant,
            (long)invocation.MemoryBytes,
            invocation.DeadlineMs == 0 ? double.PositiveInfinity : Math.Max(0, leftMs) / 1000);
    }

    /// <summary>The best; for a further attempt the best in another community than where the one before broke off, or else on another VM.</summary>
    private int Chosen(CallTicket ticket)
    {
        if (!ticket.IsRetry) return 0;
        int otherVm = -1;
        for (int i = 0; i < choice.Best.Length; i++)
        {
            int vm = choice.Best[i].Vm;
            if (feed.Fleet.Vms.Name[vm] == ticket.FailedVm) continue;
            if (feed.Fleet.Vms.Community[vm] != ticket.FailedCommunity) return i;
            if (otherVm < 0) otherVm = i;
        }
        return Math.Max(0, otherVm);
    }
}
