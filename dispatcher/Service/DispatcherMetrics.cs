using System.Diagnostics;
using System.Diagnostics.Metrics;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Dispatcher.Feedback;
using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Service;

/// <summary>Metrics of the meter "Pipeline.Dispatcher".</summary>
internal static class DispatcherMetrics
{
    private static readonly Meter Meter = new("Pipeline.Dispatcher");

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("dispatcher.ladder.steps", "{count}", "steps on the ladder of signals, of single VMs (too old) and of the fleet (lack of skill)");

    /// <summary>A step on the ladder of signals is an event of the trace that it happened in, with its reason, and is counted.</summary>
    public static void Tell(LadderStep step)
    {
        Steps.Add(1, new("from", step.From.ToString()), new("to", step.To.ToString()), new("of", step.Vm.Length == 0 ? "fleet" : "vm"));
        Activity.Current?.AddEvent(new ActivityEvent("signal.step", tags: new()
        {
            ["vm"] = step.Vm,
            ["from"] = step.From.ToString(),
            ["to"] = step.To.ToString(),
            ["reason"] = step.Reason,
        }));
    }

    /// <summary>Publishes the figures of a dispatcher for as long as the process lives.</summary>
    public static void Observe(DispatcherCore core)
    {
        Count("dispatched", "calls dispatched", () => core.Router.Dispatched);
        Count("rejected", "calls rejected", () => core.Router.Rejected);
        Gauge("in_flight", "calls dispatched and not completed", () => core.Feed.Fleet.CallsInFlight);
        Gauge("vms.draining", "VMs that are to be emptied", () => core.Feed.Fleet.Vms.DrainingCount);
        Gauge("vms.live", "VMs that calls may go to", () => core.Feed.Fleet.Vms.LiveCount);
        Gauge("events.waiting", "events read before their time", () => core.Feed.Waiting);
        Count("feedback.completions", "completions that live feedback learnt from", () => core.Feed.Fleet.Feedback?.Learnt ?? 0);
        Count("ladder.steps_down", "steps down the ladder of signals, by age or lack of skill", () => core.Feed.Fleet.Feedback?.Ladder.StepsDown ?? 0);
        Counted("invocations.repeated", "invocations answered before", c => c.RepeatedInvocations);
        Counted("dispatches.known", "dispatches read back that were known", c => c.KnownDispatches);
        Counted("dispatches.foreign", "dispatches read back that were not known", c => c.ForeignDispatches);
        Counted("completions.overtaking", "completions read before their dispatch", c => c.OvertakingCompletions);
        Counted("completions.repeated", "second completions of a call", c => c.RepeatedCompletions);
        Counted("completions.late", "completions of calls given up", c => c.LateCompletions);
        Gauge("calls.waiting", "calls that wait for a quota or their turn", () => core.Desk.Waiting);
        Counted("calls.deferred", "calls that had to wait", c => c.DeferredCalls);
        Counted("calls.failed", "attempts that failed", c => c.FailedCalls);
        Counted("calls.lost", "calls in flight on VMs that fell silent", c => c.LostCalls);
        Counted("calls.retried", "further attempts", c => c.Retries);
        Counted("calls.exhausted", "calls given up after their last attempt", c => c.ExhaustedCalls);
        Counted("calls.cancelled", "calls taken back before they ended", c => c.CancelledCalls);
        Counted("calls.cancelled_late", "calls taken back after they had ended", c => c.LateCancellations);
        Counted("calls.broken_over_limit", "calls that broke off and were forgotten", c => c.ForgottenBroken);
        Counted("tenants.changes", "changes of quotas", c => c.TenantChanges);
        Counted("calls.expired", "calls given up", c => c.ExpiredCalls);
        Counted("events.early", "events applied before their time, the buffer being full", c => c.EarlyEvents);
        Counted("predictions.old", "predictions older than what was known", c => c.OldPredictions);
        Counted("predictions.demoted", "predictions of a model that simple signals have done better than", c => c.DemotedPredictions);
        Counted("predictions.unusable", "predictions with a number that is none", c => c.UnusablePredictions);
        Counted("containers.forgotten", "warm containers over the limit", c => c.ForgottenContainers);
        Counted("vms.over_limit", "mentions of VMs over the limit", c => c.VmsOverLimit);
        Counted("functions.over_limit", "mentions of functions over the limit", c => c.FunctionsOverLimit);

        Scored("policy.decisions", "{count}", "calls that a policy gave a VM, acting or as a shadow", s => s.Decisions);
        Scored("policy.beaten", "{count}", "of those, calls for which another policy found less expected cost", s => s.Beaten);
        Scored("policy.regret", "s", "expected cost beyond the least that any policy found", s => s.RegretS);
        Scored("policy.completions", "{count}", "calls of a policy that succeeded", s => s.Completions);
        Scored("policy.expected", "s", "responses expected of those", s => s.ExpectedS);
        Scored("policy.actual", "s", "responses measured of those", s => s.ActualS);
        Scored("policy.error", "s", "absolute difference of the two", s => s.ErrorS);

        Predicted("prediction.completions", "{count}", "calls whose speed served and shadow prediction were held against", s => s.Completions);
        Predicted("prediction.expected", "{core}", "speeds foretold of those, summed", s => s.Expected);
        Predicted("prediction.actual", "{core}", "speeds measured of those, summed", s => s.Actual);
        Predicted("prediction.squared_error", "{core}2", "squared differences of the two, summed", s => s.SquaredError);

        void Predicted(string name, string unit, string description, Func<PredictionScore, double> read) => Meter.CreateObservableCounter(
            "dispatcher." + name,
            () => core.Feed.Fleet.Shadow is not { } shadow ? [] : (Measurement<double>[])
                [new(read(shadow.Served), new KeyValuePair<string, object?>("prediction", "served")), new(read(shadow.Shadow), new KeyValuePair<string, object?>("prediction", "shadow"))],
            unit,
            description);
        void Scored(string name, string unit, string description, Func<PolicyScore, double> read) => Meter.CreateObservableCounter(
            "dispatcher." + name,
            () => core.Router.Proof.Scores.ToArray().Select(s => new Measurement<double>(read(s.Value), new KeyValuePair<string, object?>("policy", s.Key))),
            unit,
            description);
        void Count(string name, string description, Func<long> read) => Meter.CreateObservableCounter("dispatcher." + name, read, "{count}", description);
        void Gauge(string name, string description, Func<long> read) => Meter.CreateObservableGauge("dispatcher." + name, read, "{count}", description);
        void Counted(string name, string description, Func<FleetCounters, long> read) => Count(name, description, () => read(core.Feed.Fleet.Counters));
    }
}
