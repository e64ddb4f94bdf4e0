using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>function.dispatches to <c>function_dispatch</c>: one point per decision, with what the chosen VM looked like.</summary>
public static class DispatchPoints
{
    public static void Map(Dispatch dispatch, ICollection<Point> into)
    {
        Tag[] tags =
        [
            new Tag("cell", dispatch.Cell),
            new Tag("function", dispatch.Function),
            new Tag("outcome", dispatch.Outcome.ToString().ToLowerInvariant()),
            new Tag("reject_code", dispatch.RejectCode),
            new Tag("tenant", dispatch.Tenant),
            new Tag("vm", dispatch.Vm),
        ];
        List<Field> fields = new(13)
        {
            new Field("invocation_id", dispatch.InvocationId),
            new Field("memory_bytes", (long)dispatch.MemoryBytes),
        };
        if (dispatch.Decision is { } decision) Add(fields, decision, dispatch.Outcome == Dispatch.Types.Outcome.Dispatched);
        into.Add(new Point("function_dispatch", tags, [.. fields], EventTime.Ns(dispatch.TimeUnixMs, dispatch.InvocationId)));
    }

    private static void Add(List<Field> fields, DecisionRecord decision, bool dispatched)
    {
        fields.Add(new Field("policy", decision.Policy));
        fields.Add(new Field("candidates", (long)decision.Candidates.Count));
        fields.Add(new Field("considered", (long)decision.Considered));
        fields.Add(new Field("expected_service_s", (double)decision.ExpectedServiceS));
        fields.Add(new Field("expected_cold_start_s", (double)decision.ExpectedColdStartS));
        // The first candidate is the chosen one; a rejection has chosen none.
        if (!dispatched || decision.Candidates.Count == 0) return;
        Candidate chosen = decision.Candidates[0];
        fields.Add(new Field("cost_s", (double)chosen.CostS));
        fields.Add(new Field("warm", chosen.Warm));
        fields.Add(new Field("in_flight", (long)chosen.InFlight));
        fields.Add(new Field("free_share", (double)chosen.FreeShare));
        fields.Add(new Field("community", (long)chosen.Community));
        if (chosen.PredictionUnixMs != 0) fields.Add(new Field("prediction_age_s", (double)chosen.PredictionAgeS));
    }
}
