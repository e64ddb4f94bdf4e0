using System.Globalization;
using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>A decision record for people.</summary>
public static class DecisionText
{
    /// <summary>Several lines, the last one ended too.</summary>
    public static string Of(Dispatch dispatch)
    {
        StringBuilder text = new();
        DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(dispatch.TimeUnixMs);
        Line($"{dispatch.InvocationId}: {dispatch.Function} of {dispatch.Tenant} at {time:yyyy-MM-dd HH:mm:ss.fff} UTC");
        if (dispatch.Outcome == Dispatch.Types.Outcome.Dispatched) Line($"dispatched to {dispatch.Vm} in cell {dispatch.Cell}");
        else Line($"{dispatch.Outcome.ToString().ToLowerInvariant()}: {dispatch.RejectCode}");
        if (dispatch.Attempt > 0) Line($"attempt {dispatch.Attempt + 1}");
        if (dispatch.EarliestUnixMs > 0) Line($"expected to fit from {DateTimeOffset.FromUnixTimeMilliseconds(dispatch.EarliestUnixMs):HH:mm:ss.fff} on");
        if (dispatch.Decision is not { } decision) return text.ToString();
        if (decision.Policy.Length == 0)
        {
            Line($"{decision.Reason}");
            return text.ToString();
        }
        Line($"policy {decision.Policy} {decision.PolicyVersion}{(decision.Trial ? " on trial" : "")}: {decision.Reason}");
        Line($"expected service {decision.ExpectedServiceS:0.###} s, cold start {decision.ExpectedColdStartS:0.###} s; {decision.Considered} VMs considered");
        if (decision.Candidates.Count > 0) Line($"{"VM",-16} {"cost s",8} {"start",6} {"in flight",10} {"free",6} {"told",6} {"prediction",11} {"community",10}");
        foreach (Candidate c in decision.Candidates)
        {
            string age = c.PredictionUnixMs == 0 ? "none" : c.PredictionAgeS.ToString("0 's old'", CultureInfo.InvariantCulture);
            Line($"{c.Vm,-16} {c.CostS,8:0.###} {(c.Warm ? "warm" : "cold"),6} {c.InFlight,10} {c.FreeShare,6:0.##} {c.UncorrectedFreeShare,6:0.##} {age,11} {c.Community,10}");
        }
        if (decision.Candidates.Count > 1) Line($"next best: {decision.Candidates[1].Vm}, {decision.Candidates[1].CostS - decision.Candidates[0].CostS:+0.###;-0.###;0} s");
        foreach (ShadowDecision shadow in decision.Shadows) Line($"{shadow.Policy} would have {(shadow.Vm.Length == 0 ? "rejected it" : "taken " + shadow.Vm)}: {shadow.CostS:0.###} s");
        IReadOnlyList<string> differences = DecisionReplay.Differences(dispatch);
        Line($"computed again from its record: {(differences.Count == 0 ? "the same answer" : string.Join("; ", differences))}");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
