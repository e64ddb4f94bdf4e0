using System.Diagnostics;
using System.Diagnostics.Metrics;
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
        Counted("calls.expired", "calls given up", c => c.ExpiredCalls);
        Counted("events.early", "events applied before their time, the buffer being full", c => c.EarlyEvents);
        Counted("predictions.old", "predictions older than what was known", c => c.OldPredictions);
        Counted("predictions.unusable", "predictions with a number that is none", c => c.UnusablePredictions);
        Counted("containers.forgotten", "warm containers over the limit", c => c.ForgottenContainers);
        Counted("vms.over_limit", "mentions of VMs over the limit", c => c.VmsOverLimit);
        Counted("functions.over_limit", "mentions of functions over the limit", c => c.FunctionsOverLimit);

        void Count(string name, string description, Func<long> read) => Meter.CreateObservableCounter("dispatcher." + name, read, "{count}", description);
        void Gauge(string name, string description, Func<long> read) => Meter.CreateObservableGauge("dispatcher." + name, read, "{count}", description);
        void Counted(string name, string description, Func<FleetCounters, long> read) => Count(name, description, () => read(core.Feed.Fleet.Counters));
    }
}
