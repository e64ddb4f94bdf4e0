using Pipeline.Dispatcher.Feedback;
using Pipeline.Dispatcher.Tenancy;

namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// What the dispatcher believes of VMs, functions, containers and calls: everything that a policy looks at. VMs and functions go by row number.
/// Its clock is event time and only goes forward. Not thread-safe.
/// </summary>
public sealed class FleetState
{
    /// <summary>Containers of functions that are never called again are cleared away at this pace.</summary>
    private const long SweepEveryMs = 60_000;

    private readonly FleetOptions options;
    private readonly long keepAliveMs;
    private readonly long callTimeoutMs;
    private readonly long vmTimeoutMs;
    private readonly Dictionary<UInt128, Call> calls = [];
    private readonly Queue<(long DeadlineMs, UInt128 Id, int Attempt)> deadlines = new();
    private readonly Queue<(UInt128 Id, BrokenCall Call)> broken = new();
    private long nextSweepMs = long.MinValue;

    public FleetState(FleetOptions options)
    {
        this.options = options;
        keepAliveMs = (long)options.KeepAlive.TotalMilliseconds;
        callTimeoutMs = (long)options.CallTimeout.TotalMilliseconds;
        vmTimeoutMs = (long)options.VmTimeout.TotalMilliseconds;
        Forecasts = new ForecastTable(options);
        Feedback = options.LiveFeedback ? new LiveFeedback(Vms, Forecasts) : null;
        Shadow = options.ShadowPrediction ? new ShadowPrediction(Vms, options) : null;
    }

    public VmTable Vms { get; } = new();

    public FunctionTable Functions { get; } = new();

    public ForecastTable Forecasts { get; }

    /// <summary>What completions tell of the VMs' capacity; null where it is switched off.</summary>
    public LiveFeedback? Feedback { get; }

    /// <summary>What would be believed with the shadow prediction; null where none is read.</summary>
    public ShadowPrediction? Shadow { get; }

    public UtilizationHistory History { get; } = new();

    public ContainerPool Containers { get; } = new();

    public FleetCounters Counters { get; } = new();

    /// <summary>Who may use how much, and who uses how much.</summary>
    public TenantTable Tenants { get; } = new();

    public FleetOptions Options => options;

    /// <summary>Highest event time reached, Unix milliseconds; <see cref="long.MinValue"/> before the first.</summary>
    public long ClockMs { get; private set; } = long.MinValue;

    public int CallsInFlight => calls.Count;

    /// <summary>Row of a VM; -1 when there are too many.</summary>
    public int VmRow(string name)
    {
        int vm = Vms.GetOrAdd(name);
        if (vm < 0) Counters.VmsOverLimit++;
        return vm;
    }

    /// <summary>Row of a function.</summary>
    public int FunctionRow(string name) => Functions.GetOrAdd(name, Counters);

    /// <summary>Event time goes on: calls that ran out of time are given up, expired containers cleared.</summary>
    public void AdvanceTo(long nowMs)
    {
        if (nowMs <= ClockMs) return;
        ClockMs = nowMs;
        while (deadlines.TryPeek(out (long DeadlineMs, UInt128 Id, int Attempt) next) && next.DeadlineMs <= nowMs)
        {
            deadlines.Dequeue();
            if (!calls.TryGetValue(next.Id, out Call call) || call.Attempt != next.Attempt) continue;
            Counters.ExpiredCalls++;
            Break(next.Id, call, BreakKind.TimedOut);
        }
        if (nowMs < nextSweepMs) return;
        nextSweepMs = nowMs + SweepEveryMs;
        Containers.Sweep(nowMs);
    }

    /// <summary>A prediction described this VM.</summary>
    /// <param name="vm">Row.</param>
    /// <param name="cell">Its cell.</param>
    /// <param name="cores">Provisioned cores.</param>
    /// <param name="memoryBytes">Provisioned memory.</param>
    /// <param name="reportedMs">Time of the last report known; <see cref="long.MinValue"/>: none.</param>
    public void Describe(int vm, string cell, float cores, long memoryBytes, long reportedMs)
    {
        Vms.Describe(vm, cell, cores, memoryBytes);
        if (reportedMs != long.MinValue) Vms.See(vm, reportedMs);
    }

    /// <summary>All VMs of the cell that are alive were described as of this time. Calls on those that no longer are have broken off.</summary>
    public void CellPredicted(string cell, long timeMs)
    {
        int before = Vms.LiveCount;
        Vms.CellPredicted(cell, timeMs, vmTimeoutMs);
        if ((Vms.LiveCount == before && Vms.DrainingCount == 0) || calls.Count == 0) return;
        // A VM whose cores are not known was never live: calls on it are another instance's knowledge.
        foreach ((UInt128 id, Call call) in calls.Where(c => Vms.IsLost(c.Value.Vm, vmTimeoutMs)).OrderBy(c => c.Key).ToList())
        {
            Counters.LostCalls++;
            Break(id, call, BreakKind.VmLost);
        }
    }

    /// <summary>The next attempt that broke off without its worker saying so.</summary>
    public bool TryTakeBroken(out UInt128 id, out BrokenCall call)
    {
        (id, call) = broken.TryDequeue(out (UInt128 Id, BrokenCall Call) next) ? next : default;
        return call.Ticket is not null;
    }

    /// <summary>The attempt of this call that is in flight; null when none is, or nothing more is known of it.</summary>
    public CallTicket? InFlight(UInt128 id, out int vm)
    {
        bool found = calls.TryGetValue(id, out Call call);
        vm = found ? call.Vm : -1;
        return call.Ticket;
    }

    /// <summary>Is the function idle and warm on this VM?</summary>
    public bool IsWarm(int vm, int function) => function != FunctionTable.Others && Containers.IsWarm(vm, function, ClockMs);

    /// <summary>A VM's own utilisation (0..1) was measured.</summary>
    public void Measure(int vm, long timeMs, double utilization)
    {
        bool isNew = timeMs > Forecasts.MeasuredMs(vm);
        Forecasts.Measure(vm, timeMs, utilization);
        if (!isNew) return;
        History.Add(vm, timeMs, utilization);
        Feedback?.Measured(vm, timeMs, utilization);
        Shadow?.Measure(vm, timeMs, utilization);
    }

    /// <summary>A prediction was made of a VM; parameters as in <see cref="ForecastTable.Predict"/>.</summary>
    public void Predict(int vm, long stepEndMs, uint revision, long stepMs, in PeakForecast peak, ReadOnlySpan<float> logStaysFree)
    {
        if (Forecasts.Predict(vm, stepEndMs, revision, stepMs, ExpectedFree.Share(peak), logStaysFree)) Feedback?.Predicted(vm, stepEndMs, peak);
    }

    /// <summary>The expected free share of a VM's cores now (0..1), and what it was taken from.</summary>
    public float FreeShare(int vm, out SignalRung rung) =>
        Feedback is null ? Forecasts.FreeShare(vm, ClockMs, out rung) : Feedback.FreeShare(vm, ClockMs, out rung);

    /// <summary>A call was dispatched to this VM. <paramref name="slowdown"/> is what it was expected to suffer there.</summary>
    public void Start(UInt128 id, int vm, int function, long bytes, double slowdown, CallTicket? ticket = null)
    {
        Call started = new(vm, function, bytes, slowdown, Vms.InFlight[vm] + 1, ticket);
        if (!calls.TryAdd(id, started))
        {
            // A later attempt takes the place of one that nothing was heard of.
            if (started.Attempt <= calls[id].Attempt) return;
            Release(calls[id]);
            calls[id] = started;
        }
        ticket?.Tenant.Begin(ticket.Cores, Functions.ServiceS[function], ClockMs);
        if (callTimeoutMs >= 0) deadlines.Enqueue((ClockMs + callTimeoutMs, id, started.Attempt));
        Vms.InFlight[vm]++;
        Vms.CommittedBytes[vm] += bytes;
        Functions.MemoryBytes[function] = bytes;
        Functions.Arrived(function, ClockMs);
        if (function != FunctionTable.Others) Containers.Take(vm, function, ClockMs);
        Containers.Shrink(vm, Math.Max(0, Vms.FreeBytes(vm)));
    }

    /// <summary>A call ended; false when it was not in flight, and then nothing changed.</summary>
    public bool Finish(UInt128 id, in CallOutcome outcome) => Finish(id, 0, outcome, out _);

    /// <summary>An attempt ended; false when it was not in flight, and then nothing changed.</summary>
    public bool Finish(UInt128 id, int attempt, in CallOutcome outcome, out CallTicket? ticket)
    {
        ticket = null;
        if (!calls.TryGetValue(id, out Call call) || call.Attempt != attempt) return false;
        calls.Remove(id);
        ticket = call.Ticket;
        if (outcome.Succeeded)
        {
            double inFlight = (call.InFlight + Vms.InFlight[call.Vm]) / 2.0;
            Feedback?.Completed(call.Vm, outcome, inFlight, Functions.LogMean(call.Function), Functions.LogDeviation(call.Function));
            Shadow?.Completed(call.Vm, outcome, inFlight, Functions.LogMean(call.Function), Functions.LogDeviation(call.Function), Forecasts);
        }
        Release(call);
        Learn(call, outcome);
        return true;
    }

    /// <summary>A call will never end: it was lost or turned away. Nothing is learnt from it; false when it was not in flight.</summary>
    public bool GiveUp(UInt128 id)
    {
        if (!calls.Remove(id, out Call call)) return false;
        Release(call);
        return true;
    }

    /// <summary>A VM is gone: it gets no calls until it is seen again, and nothing is warm there. Its calls have to be given up one by one.</summary>
    public void Lose(int vm)
    {
        Vms.Leave(vm);
        Containers.Shrink(vm, 0);
    }

    /// <summary>A call ended that was never known to be in flight.</summary>
    public void FinishUnknown(int vm, int function, in CallOutcome outcome)
    {
        // A warm call took a container that is still believed to be idle here.
        if (outcome.ColdStartS == 0 && function != FunctionTable.Others) Containers.Take(vm, function, ClockMs);
        Learn(new Call(vm, function, Functions.MemoryBytes[function], 1, 0, null), outcome);
    }

    private void Learn(in Call call, in CallOutcome outcome)
    {
        Vms.See(call.Vm, outcome.TimeMs);
        if (!outcome.Succeeded) return;
        Functions.Learn(call.Function, outcome.WallS, outcome.ColdStartS, outcome.CpuS, call.Slowdown);
        long expiryMs = outcome.TimeMs + keepAliveMs;
        if (call.Function == FunctionTable.Others || expiryMs <= ClockMs) return;
        if (!Containers.Add(call.Vm, call.Function, call.Bytes, expiryMs)) Counters.ForgottenContainers++;
        Containers.Shrink(call.Vm, Math.Max(0, Vms.FreeBytes(call.Vm)));
    }

    private void Break(UInt128 id, in Call call, BreakKind kind)
    {
        calls.Remove(id);
        Release(call);
        if (call.Ticket is not null) broken.Enqueue((id, new BrokenCall(call.Ticket, kind, call.Vm)));
    }

    private void Release(in Call call)
    {
        call.Ticket?.Tenant.End(call.Ticket.Cores);
        Vms.InFlight[call.Vm]--;
        Vms.CommittedBytes[call.Vm] -= call.Bytes;
    }

    private readonly record struct Call(int Vm, int Function, long Bytes, double Slowdown, int InFlight, CallTicket? Ticket)
    {
        public int Attempt => Ticket?.Attempt ?? 0;
    }
}
