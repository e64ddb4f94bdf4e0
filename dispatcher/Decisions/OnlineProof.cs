using System.Collections.Concurrent;
using Pipeline.Dispatcher.Fleet;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Randomness;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Decisions;

/// <summary>
/// Policies held against each other on live traffic: a share of calls is decided by a policy on trial, and shadow policies say of every call
/// what they would have done. Regret is expected cost beyond the least that any of them found; calibration is response expected against measured.
/// </summary>
public sealed class OnlineProof
{
    /// <summary>Which calls are on trial is drawn apart from all else that is random about a call.</summary>
    private const ulong Salt = 0x7472_6961_6c;

    private readonly Choice choice = new();
    private readonly IReadOnlyList<IPolicy> shadows;
    private readonly ulong below;

    public OnlineProof()
        : this(null, 0, [])
    {
    }

    /// <param name="trial">Policy on trial; null: none.</param>
    /// <param name="share">Share of calls that it decides, 0 to 1.</param>
    /// <param name="shadows">Policies that only say what they would do.</param>
    public OnlineProof(IPolicy? trial, double share, IReadOnlyList<IPolicy> shadows)
    {
        Trial = trial;
        this.shadows = shadows;
        below = trial is null ? 0 : (ulong)(Math.Clamp(share, 0, 1) * ulong.MaxValue);
    }

    public IPolicy? Trial { get; }

    /// <summary>By name of the policy.</summary>
    public ConcurrentDictionary<string, PolicyScore> Scores { get; } = new(StringComparer.Ordinal);

    /// <summary>A function of the call, so that all instances agree and a restart changes nothing.</summary>
    public bool IsOnTrial(ulong callHash) => below > 0 && SplitMix.Mix(callHash ^ Salt) < below;

    /// <summary>Lets the shadows look at a call that was decided, before the decision changes the fleet, and writes down what they say.</summary>
    internal void Score(Dispatch answer, in CallRequest call, FleetState fleet)
    {
        if (answer.Decision.Candidates.Count == 0 || (shadows.Count == 0 && Trial is null)) return;
        double own = answer.Decision.Candidates[0].CostS, least = own;
        foreach (IPolicy shadow in shadows)
        {
            choice.Clear();
            shadow.Decide(call, fleet, choice);
            bool dispatched = choice.RejectCode is null;
            float cost = dispatched ? (float)choice.Best[0].CostS : 0;
            answer.Decision.Shadows.Add(new ShadowDecision { Policy = shadow.Name, Vm = dispatched ? fleet.Vms.Name[choice.Best[0].Vm] : "", CostS = cost });
            if (dispatched) least = Math.Min(least, cost);
        }
        if (answer.Outcome == Dispatch.Types.Outcome.Dispatched) ScoreOf(answer.Decision.Policy).AddDecision(own, least);
        foreach (ShadowDecision shadow in answer.Decision.Shadows)
            if (shadow.Vm.Length > 0) ScoreOf(shadow.Policy).AddDecision(shadow.CostS, least);
    }

    /// <summary>A call of this instance succeeded.</summary>
    public void Complete(CallTicket ticket, CallOutcome outcome)
    {
        if (ticket.Policy is { } policy) ScoreOf(policy).AddCompletion(ticket.ExpectedS, outcome.WallS);
    }

    private PolicyScore ScoreOf(string policy) => Scores.GetOrAdd(policy, _ => new PolicyScore());
}
