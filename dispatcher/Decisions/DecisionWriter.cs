using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Writes the answer to a call with the record of what it was based on.</summary>
internal static class DecisionWriter
{
    private const float MsPerSecond = 1000;

    public static Dispatch Write(CallTicket ticket, long timeMs, in CallRequest call, in Decider decider, FleetState fleet, Choice choice, int chosen)
    {
        DecisionRecord record = new()
        {
            Policy = decider.Policy.Name,
            PolicyVersion = DecisionReplay.Version,
            Trial = decider.IsTrial,
            Lambda = decider.Options.Lambda,
            ServiceS = fleet.Functions.ServiceS[call.Function],
            ColdStartS = fleet.Functions.ColdStartS[call.Function],
            DeadlineS = double.IsPositiveInfinity(call.DeadlineS) ? 0 : call.DeadlineS,
            FailedVm = ticket.FailedVm,
            FailedCommunity = ticket.FailedCommunity,
            Considered = (uint)choice.Considered,
            ExpectedServiceS = (float)fleet.Functions.ServiceS[call.Function],
            ExpectedColdStartS = (float)fleet.Functions.ColdStartS[call.Function],
        };
        (record.DeadlineServiceS, record.DeadlineColdStartS) = CostModel.Due(fleet, call, decider.Options.DeadlineMisses);
        if (choice.RejectCode is { } code)
        {
            foreach (ref readonly VmOption option in choice.Best) record.Candidates.Add(CandidateOf(option, timeMs, record.ServiceS, fleet));
            record.Reason = Reasons.OfRejection(call, fleet, choice);
            Dispatch rejection = Of(ticket, timeMs, Dispatch.Types.Outcome.Rejected, record);
            rejection.RejectCode = code;
            if (code == RejectCodes.Deadline) rejection.EarliestUnixMs = timeMs + (long)Math.Ceiling(choice.Best[0].DueS * MsPerSecond);
            return rejection;
        }
        record.Candidates.Add(CandidateOf(choice.Best[chosen], timeMs, record.ServiceS, fleet));
        for (int i = 0; i < choice.Best.Length; i++)
            if (i != chosen) record.Candidates.Add(CandidateOf(choice.Best[i], timeMs, record.ServiceS, fleet));
        record.Reason = Reasons.OfDispatch(ticket, fleet, choice, chosen);
        int vm = choice.Best[chosen].Vm;
        Dispatch dispatch = Of(ticket, timeMs, Dispatch.Types.Outcome.Dispatched, record);
        dispatch.Vm = fleet.Vms.Name[vm];
        dispatch.Cell = fleet.Vms.CellOf(vm);
        return dispatch;
    }

    public static Dispatch Reject(CallTicket ticket, long timeMs, string code, string reason, long earliestMs)
    {
        Dispatch rejection = Of(ticket, timeMs, Dispatch.Types.Outcome.Rejected, new DecisionRecord { Reason = reason });
        rejection.RejectCode = code;
        rejection.EarliestUnixMs = earliestMs;
        return rejection;
    }

    private static Dispatch Of(CallTicket ticket, long timeMs, Dispatch.Types.Outcome outcome, DecisionRecord record) => new()
    {
        InvocationId = ticket.Invocation.Id,
        Function = ticket.Invocation.Function,
        Tenant = ticket.Invocation.Tenant,
        TimeUnixMs = timeMs,
        Outcome = outcome,
        MemoryBytes = ticket.Invocation.MemoryBytes,
        Decision = record,
        Attempt = (uint)ticket.Attempt,
        Cores = ticket.Cores,
        Partition = (uint)ticket.Partition,
        DeadlineMs = ticket.Invocation.DeadlineMs,
        InvokedUnixMs = ticket.Invocation.TimeUnixMs,
    };

    private static Candidate CandidateOf(in VmOption option, long nowMs, double serviceS, FleetState fleet)
    {
        Candidate candidate = new()
        {
            Vm = fleet.Vms.Name[option.Vm],
            CostS = (float)option.CostS,
            Warm = option.Warm,
            InFlight = (uint)option.InFlight,
            FreeShare = option.FreeShare,
            Community = fleet.Vms.Community[option.Vm],
            Cores = fleet.Vms.Cores[option.Vm],
            Signal = (Candidate.Types.Signal)option.Rung,
            Score = option.Score,
            Ratio = option.Ratio,
            Tie = option.Tie,
            WarmLossS = option.WarmLossS,
            UncorrectedFreeShare = fleet.Forecasts.FreeShare(option.Vm, fleet.ClockMs, out _),
        };
        if (option.Rung != SignalRung.Prediction) return candidate;
        candidate.BusyProbability = fleet.Forecasts.BusyWithin(option.Vm, serviceS);
        candidate.PredictionRevision = fleet.Forecasts.Revision(option.Vm);
        candidate.PredictionUnixMs = fleet.Forecasts.MadeMs(option.Vm);
        candidate.PredictionAgeS = Math.Max(0, nowMs - candidate.PredictionUnixMs) / MsPerSecond;
        return candidate;
    }
}
