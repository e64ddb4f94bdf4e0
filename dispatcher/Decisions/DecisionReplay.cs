using System.Globalization;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>
/// Computes a decision again from the inputs that stand in its record: the cost of each candidate by the formula of expected completion time
/// (for that policy it is also the score), their order, and which of them it had to be.
/// </summary>
public static class DecisionReplay
{
    /// <summary>Of the rules below. A change of formula or order takes the next number, so that an old record is not held against new rules.</summary>
    public const string Version = "1";

    /// <summary>Costs are recorded in single precision.</summary>
    private const double CostTolerance = 1e-6;

    /// <summary>What of the record does not come out again, in words; empty: the same answer.</summary>
    public static IReadOnlyList<string> Differences(Dispatch dispatch)
    {
        if (dispatch.Decision is not { } decision) return ["there is no decision record"];
        // Quota, turn, cancellation and attempts are no choice among VMs.
        if (decision.Policy.Length == 0) return [];
        if (decision.PolicyVersion != Version) return [$"it was made by version '{decision.PolicyVersion}' of the rules, this is version {Version}"];
        List<string> differences = [];
        foreach (Candidate candidate in decision.Candidates) Compare(decision, candidate, differences);
        List<Candidate> order = [.. decision.Candidates.OrderBy(c => c.Score).ThenBy(c => c.Ratio).ThenBy(c => c.Tie)];
        if (dispatch.Outcome == Dispatch.Types.Outcome.Dispatched) Choose(dispatch, decision, order, differences);
        else if (dispatch.RejectCode == RejectCodes.Deadline && order.Count > 0 && DueS(decision, order[0]) <= decision.DeadlineS)
            differences.Add(Text($"{order[0].Vm} was expected to meet the deadline of {decision.DeadlineS} s"));
        return differences;
    }

    private static void Compare(DecisionRecord decision, Candidate c, List<string> differences)
    {
        double ratio = Capacity.Ratio(c.Cores, c.FreeShare, (int)c.InFlight), all = decision.ServiceS + decision.ColdStartS;
        double cost = (c.Warm ? decision.ServiceS : all) * Capacity.Slowdown(ratio);
        if (c.Signal == Candidate.Types.Signal.Prediction) cost += decision.Lambda * c.BusyProbability * all;
        cost += c.WarmLossS;
        if (ratio != c.Ratio) differences.Add(Text($"{c.Vm}: calls per core {ratio}, recorded {c.Ratio}"));
        bool isScore = decision.Policy == ExpectedCompletionTimePolicy.PolicyName;
        if (isScore ? cost != c.Score : Math.Abs(cost - c.CostS) > CostTolerance * Math.Max(1, cost))
            differences.Add(Text($"{c.Vm}: cost {cost} s, recorded {(isScore ? c.Score : c.CostS)} s"));
    }

    private static void Choose(Dispatch dispatch, DecisionRecord decision, List<Candidate> order, List<string> differences)
    {
        Candidate chosen = order[0];
        if (decision.FailedVm.Length > 0)
        {
            List<Candidate> others = order.FindAll(c => c.Vm != decision.FailedVm);
            chosen = others.Find(c => c.Community != decision.FailedCommunity) ?? others.FirstOrDefault() ?? chosen;
        }
        if (chosen.Vm != dispatch.Vm) differences.Add($"{chosen.Vm} comes out, {dispatch.Vm} was chosen");
    }

    private static double DueS(DecisionRecord decision, Candidate c) => decision.DeadlineServiceS == 0 ? c.Score
        : (c.Warm ? decision.DeadlineServiceS : decision.DeadlineServiceS + decision.DeadlineColdStartS) * Capacity.Slowdown(Capacity.Ratio(c.Cores, c.FreeShare, (int)c.InFlight));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
