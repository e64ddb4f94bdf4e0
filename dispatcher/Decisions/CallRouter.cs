using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Answers invocations: each id once, with a dispatch or a rejection. What was decided is part of the fleet's state at once.</summary>
public sealed class CallRouter(FleetFeed feed, IPolicy policy, ulong seed)
{
    private readonly Choice choice = new();
    private readonly ulong seedHash = SplitMix.Mix(seed);

    public FleetFeed Feed => feed;

    /// <summary>Calls dispatched and rejected so far.</summary>
    public long Dispatched { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>The answer to an invocation; null when it was answered before. The event time of a decision is that of its invocation.</summary>
    public Dispatch? Route(Invocation invocation)
    {
        feed.AdvanceTo(invocation.TimeUnixMs);
        FleetState fleet = feed.Fleet;
        UInt128 id = CallId.Of(invocation.Id);
        if (!feed.Calls.AddAnswer(id))
        {
            fleet.Counters.RepeatedInvocations++;
            return null;
        }
        CallRequest call = new(
            SplitMix.Mix((ulong)id ^ seedHash),
            fleet.FunctionRow(invocation.Function),
            invocation.Tenant,
            (long)invocation.MemoryBytes,
            invocation.DeadlineMs == 0 ? double.PositiveInfinity : invocation.DeadlineMs / 1000.0);
        choice.Clear();
        policy.Decide(call, fleet, choice);
        // The record tells what the decision was based on, so it is written before the decision changes the fleet.
        Dispatch answer = DecisionWriter.Write(invocation, call, policy.Name, fleet, choice);
        if (choice.RejectCode is null)
        {
            VmOption chosen = choice.Best[0];
            fleet.Start(id, chosen.Vm, call.Function, call.MemoryBytes, Capacity.Slowdown(chosen.Ratio));
            Dispatched++;
        }
        else
        {
            Rejected++;
        }
        return answer;
    }
}
