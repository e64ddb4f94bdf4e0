using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>Writes the answer to a call with the record of what it was based on.</summary>
internal static class DecisionWriter
{
    private const float MsPerSecond = 1000;

    public static Dispatch Write(Invocation invocation, in CallRequest call, string policy, FleetState fleet, Choice choice)
    {
        bool rejected = choice.RejectCode is not null;
        int vm = rejected ? -1 : choice.Best[0].Vm;
        DecisionRecord record = new()
        {
            Policy = policy,
            Reason = rejected ? Reasons.OfRejection(call, fleet, choice) : Reasons.OfDispatch(fleet, choice),
            Considered = (uint)choice.Considered,
            ExpectedServiceS = (float)fleet.Functions.ServiceS[call.Function],
            ExpectedColdStartS = (float)fleet.Functions.ColdStartS[call.Function],
        };
        foreach (ref readonly VmOption option in choice.Best) record.Candidates.Add(CandidateOf(option, invocation.TimeUnixMs, fleet));
        return new Dispatch
        {
            InvocationId = invocation.Id,
            Function = invocation.Function,
            Tenant = invocation.Tenant,
            TimeUnixMs = invocation.TimeUnixMs,
            Outcome = rejected ? Dispatch.Types.Outcome.Rejected : Dispatch.Types.Outcome.Dispatched,
            Vm = rejected ? "" : fleet.Vms.Name[vm],
            Cell = rejected ? "" : fleet.Vms.CellOf(vm),
            MemoryBytes = invocation.MemoryBytes,
            RejectCode = choice.RejectCode ?? "",
            Decision = record,
        };
    }

    private static Candidate CandidateOf(in VmOption option, long nowMs, FleetState fleet)
    {
        Candidate candidate = new()
        {
            Vm = fleet.Vms.Name[option.Vm],
            CostS = (float)option.CostS,
            Warm = option.Warm,
            InFlight = (uint)option.InFlight,
            FreeShare = option.FreeShare,
            Community = fleet.Vms.Community[option.Vm],
        };
        if (option.Rung != SignalRung.Prediction) return candidate;
        candidate.PredictionUnixMs = fleet.Forecasts.MadeMs(option.Vm);
        candidate.PredictionAgeS = Math.Max(0, nowMs - candidate.PredictionUnixMs) / MsPerSecond;
        return candidate;
    }
}
