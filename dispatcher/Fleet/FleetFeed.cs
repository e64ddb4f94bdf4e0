using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Fleet;

/// <summary>
/// Brings what the topics tell into a <see cref="FleetState"/>, in event time: what is from the future of the fleet's clock waits for its time.
/// The clock goes by invocations (<see cref="AdvanceTo"/>); an instance that has none keeps up through the limit of the buffer.
/// </summary>
public sealed class FleetFeed(FleetState fleet)
{
    /// <summary>Broken calls that may wait for the owner of their partition to decide.</summary>
    public const int BrokenLimit = 100_000;

    private readonly EventBuffer buffer = new();
    private readonly Dictionary<UInt128, BrokenCall> broken = [];
    private readonly float[] logFree = new float[BusyHazard.Horizons];
    private float[] chunkLogFree = [];
    private int[] chunkHorizonsS = [];

    public FleetState Fleet => fleet;

    /// <summary>Calls answered and completed, by any instance.</summary>
    public CallMemory Calls { get; } = new();

    /// <summary>Highest event time of a decision read, of whichever instance; <see cref="long.MinValue"/>: none.</summary>
    public long DecidedMs { get; private set; } = long.MinValue;

    /// <summary>Hears of calls that succeed.</summary>
    public Action<CallTicket, CallOutcome>? Succeeded { get; set; }

    /// <summary>Attempts that broke off, whoever is to decide what comes of them, in no order.</summary>
    public IReadOnlyDictionary<UInt128, BrokenCall> Broken => broken;

    /// <summary>It was decided what comes of a broken call.</summary>
    public void Mend(UInt128 id) => broken.Remove(id);

    /// <summary>Events that wait for their time.</summary>
    public int Waiting => buffer.Count;

    /// <summary>Brings the fleet to this event time: everything read that happened up to then has then happened.</summary>
    public void AdvanceTo(long nowMs)
    {
        while (buffer.TryTake(nowMs, out FleetEvent value)) Apply(value);
        fleet.AdvanceTo(nowMs);
        TakeBroken();
    }

    /// <summary>A dispatch or rejection, of whichever instance.</summary>
    public void Read(Dispatch value)
    {
        DecidedMs = Math.Max(DecidedMs, value.TimeUnixMs);
        UInt128 id = CallId.Of(value.InvocationId);
        bool dispatched = value.Outcome == Dispatch.Types.Outcome.Dispatched, news = Calls.AddAnswer(id, (int)value.Attempt);
        if (news) fleet.Counters.ForeignDispatches++;
        else fleet.Counters.KnownDispatches++;
        if (!dispatched) Calls.AddCompletion(id);
        if (!dispatched || news) broken.Remove(id);
        if (!dispatched || !news) return;
        int vm = fleet.VmRow(value.Vm);
        if (vm < 0) return;
        Candidate? chosen = value.Decision is { Candidates.Count: > 0 } decision ? decision.Candidates[0] : null;
        Take(new FleetEvent
        {
            Kind = FleetEventKind.Dispatched,
            TimeMs = value.TimeUnixMs,
            Call = id,
            Vm = vm,
            Function = fleet.FunctionRow(value.Function),
            Bytes = (long)Math.Min(value.MemoryBytes, long.MaxValue),
            FreeShare = chosen?.FreeShare ?? 1,
            InFlight = (int)(chosen?.InFlight ?? 0),
            Attempt = (int)value.Attempt,
            Ticket = TicketOf(value, id),
        });
    }

    public void Read(Completion value)
    {
        int vm = fleet.VmRow(value.Vm);
        if (vm < 0) return;
        double coldStartMs = value.ColdStart ? Math.Clamp(value.ColdStartMs, 0, value.WallMs) : 0;
        Take(new FleetEvent
        {
            Kind = FleetEventKind.Completed,
            TimeMs = value.TimeUnixMs,
            Call = CallId.Of(value.InvocationId),
            Vm = vm,
            Function = fleet.FunctionRow(value.Function),
            Attempt = (int)value.Attempt,
            Outcome = new CallOutcome(
                value.TimeUnixMs, value.WallMs / 1000, coldStartMs / 1000, value.CpuS, value.Outcome == Completion.Types.Outcome.Succeeded),
        });
    }

    /// <summary>Predictions; those of the shadow are ignored where none is wanted.</summary>
    public void Read(PredictionChunk value, bool shadow = false)
    {
        if (!shadow || fleet.Shadow is not null) Take(new FleetEvent { Kind = FleetEventKind.Predicted, TimeMs = value.StepEndUnixMs, Predictions = value, Shadow = shadow });
    }

    public void Read(CommunityChunk value) => Take(new FleetEvent { Kind = FleetEventKind.Grouped, TimeMs = value.StepEndUnixMs, Communities = value });

    private void Take(in FleetEvent value)
    {
        if (value.TimeMs <= fleet.ClockMs)
        {
            Apply(value);
            return;
        }
        buffer.Add(value);
        while (buffer.IsOverfull && buffer.TryTake(long.MaxValue, out FleetEvent oldest))
        {
            fleet.Counters.EarlyEvents++;
            Apply(oldest);
        }
    }

    private void Apply(in FleetEvent value)
    {
        fleet.AdvanceTo(value.TimeMs);
        switch (value.Kind)
        {
            case FleetEventKind.Predicted: Apply(value.Predictions!, value.Shadow); break;
            case FleetEventKind.Grouped: Apply(value.Communities!); break;
            case FleetEventKind.Dispatched: ApplyDispatch(value); break;
            case FleetEventKind.Completed: ApplyCompletion(value); break;
        }
    }

    private CallTicket TicketOf(Dispatch value, UInt128 id) => new()
    {
        Key = id,
        Tenant = fleet.Tenants.GetOrAdd(value.Tenant),
        Partition = (int)value.Partition,
        Attempt = (int)value.Attempt,
        Cores = value.Cores,
        Invocation = new Invocation
        {
            Id = value.InvocationId,
            Function = value.Function,
            Tenant = value.Tenant,
            TimeUnixMs = value.InvokedUnixMs == 0 ? value.TimeUnixMs : value.InvokedUnixMs,
            MemoryBytes = value.MemoryBytes,
            DeadlineMs = value.DeadlineMs,
        },
    };

    private void ApplyDispatch(in FleetEvent value)
    {
        if (value.Ticket is { IsRetry: false } first) first.Tenant.Charge(value.TimeMs);
        if (Calls.IsCompleted(value.Call)) return;
        if (Calls.FailedAttempt(value.Call) >= value.Attempt)
        {
            // Its failure came first.
            Fail(value.Call, new BrokenCall(value.Ticket!, BreakKind.Failed, value.Vm));
            return;
        }
        float cores = fleet.Vms.Cores[value.Vm];
        double slowdown = cores > 0 ? Capacity.Slowdown(Capacity.Ratio(cores, value.FreeShare, value.InFlight)) : 1;
        fleet.Start(value.Call, value.Vm, value.Function, value.Bytes, slowdown, value.Ticket);
    }

    private void ApplyCompletion(in FleetEvent value)
    {
        bool succeeded = value.Outcome.Succeeded;
        if (!succeeded) fleet.Counters.FailedCalls++;
        if (fleet.Finish(value.Call, value.Attempt, value.Outcome, out CallTicket? ticket))
        {
            if (succeeded && ticket is not null) Succeeded?.Invoke(ticket, value.Outcome);
            if (succeeded || ticket is null) End(value.Call);
            else Fail(value.Call, new BrokenCall(ticket, BreakKind.Failed, value.Vm));
        }
        else if (Calls.IsCompleted(value.Call) || Calls.FailedAttempt(value.Call) >= value.Attempt)
        {
            fleet.Counters.RepeatedCompletions++;
        }
        else
        {
            if (Calls.Attempt(value.Call) >= 0) fleet.Counters.LateCompletions++;
            else fleet.Counters.OvertakingCompletions++;
            if (succeeded) End(value.Call);
            else Calls.AddFailure(value.Call, value.Attempt);
            fleet.FinishUnknown(value.Vm, value.Function, value.Outcome);
        }
    }

    // A late success of an earlier attempt counts: no further one is made.
    private void End(UInt128 id)
    {
        Calls.AddCompletion(id);
        broken.Remove(id);
    }

    private void Fail(UInt128 id, in BrokenCall call)
    {
        if (call.Kind == BreakKind.Failed) Calls.AddFailure(id, call.Ticket.Attempt);
        if (fleet.Options.Attempts == 1 || (call.Kind == BreakKind.TimedOut && !fleet.Options.RetryTimedOut)) return;
        // A later attempt may have been read before the failure of this one had its time.
        if (Calls.IsCompleted(id) || Calls.Attempt(id) > call.Ticket.Attempt) return;
        if (broken.Count == BrokenLimit) fleet.Counters.ForgottenBroken++;
        else broken[id] = call;
    }

    private void TakeBroken()
    {
        while (fleet.TryTakeBroken(out UInt128 id, out BrokenCall call)) Fail(id, call);
    }

    private void Apply(CommunityChunk chunk)
    {
        for (int i = 0; i < chunk.Vm.Count; i++)
        {
            int vm = fleet.VmRow(chunk.Vm[i]);
            if (vm >= 0) fleet.Vms.Community[vm] = chunk.Community[i];
        }
    }

    private void Apply(PredictionChunk chunk, bool shadow)
    {
        int horizons = chunk.HorizonS.Count;
        if (chunkLogFree.Length != horizons) (chunkLogFree, chunkHorizonsS) = (new float[horizons], new int[horizons]);
        for (int h = 0; h < horizons; h++) chunkHorizonsS[h] = (int)chunk.HorizonS[h];
        Span<float> levels = stackalloc float[Math.Min(chunk.Level.Count, LevelsMax)];
        for (int i = 0; i < levels.Length; i++) levels[i] = chunk.Level[i];
        for (int row = 0; row < chunk.Vm.Count; row++)
        {
            if (shadow) ApplyShadow(chunk, row, levels);
            else Apply(chunk, row, levels);
        }
        if (shadow) return;
        if (chunk.Chunk != chunk.Chunks - 1) return;
        fleet.CellPredicted(chunk.Cell, chunk.StepEndUnixMs);
        TakeBroken();
    }

    /// <summary>More levels than any use of quantiles needs; what is beyond is left out.</summary>
    private const int LevelsMax = 99;

    private void Apply(PredictionChunk chunk, int row, ReadOnlySpan<float> levels)
    {
        int vm = fleet.VmRow(chunk.Vm[row]);
        if (vm < 0) return;
        if (chunk.StepEndUnixMs < fleet.Forecasts.MadeMs(vm))
        {
            fleet.Counters.OldPredictions++;
            return;
        }
        bool measured = !float.IsNaN(chunk.CpuUtilization[row]) && chunk.AgeS[row] != uint.MaxValue;
        long measuredMs = measured ? chunk.StepEndUnixMs - (chunk.AgeS[row] * 1000L) : long.MinValue;
        fleet.Describe(vm, chunk.Cell, chunk.Cores[row], (long)Math.Min(chunk.MemoryBytes[row], long.MaxValue), measuredMs);
        if (measured) fleet.Measure(vm, measuredMs, chunk.CpuUtilization[row]);
        fleet.Vms.Community[vm] = chunk.Community[row];
        if (chunk.Demoted)
        {
            fleet.Forecasts.Demote(vm);
            fleet.Counters.DemotedPredictions++;
            return;
        }
        if (TryRead(chunk, row, levels, out PeakForecast peak)) fleet.Predict(vm, chunk.StepEndUnixMs, chunk.Revision, chunk.StepMs, peak, logFree);
    }

    private void ApplyShadow(PredictionChunk chunk, int row, ReadOnlySpan<float> levels)
    {
        int vm = fleet.VmRow(chunk.Vm[row]);
        if (vm >= 0 && TryRead(chunk, row, levels, out PeakForecast peak)) fleet.Shadow!.Predict(vm, chunk.StepEndUnixMs, chunk.Revision, chunk.StepMs, peak, logFree);
    }

    // The hazard stands in logFree afterwards.
    private bool TryRead(PredictionChunk chunk, int row, ReadOnlySpan<float> levels, out PeakForecast peak)
    {
        for (int h = 0; h < chunkLogFree.Length; h++) chunkLogFree[h] = (float)BusyHazard.LogFree(chunk.BusyProbability[(row * chunkLogFree.Length) + h]);
        for (int h = 0; h < logFree.Length; h++) logFree[h] = (float)BusyHazard.LogFreeFor(BusyHazard.HorizonsS[h], chunkHorizonsS, chunkLogFree);
        peak = Peak(chunk, row, levels);
        if (double.IsFinite(ExpectedFree.Share(peak) + logFree[0] + logFree[^1])) return true;
        fleet.Counters.UnusablePredictions++;
        return false;
    }

    private PeakForecast Peak(PredictionChunk chunk, int row, ReadOnlySpan<float> levels)
    {
        int h = 0;
        while (h < chunkHorizonsS.Length - 1 && chunkHorizonsS[h] < BusyHazard.HorizonsS[0]) h++;
        int at = (row * chunkHorizonsS.Length) + h;
        double busy = chunk.BusyProbability[at];
        // A model without quantiles tells only busy or not.
        if (levels.Length == 0) return new PeakForecast(0, 0, 0, busy);
        Span<float> quantiles = stackalloc float[levels.Length];
        for (int i = 0; i < quantiles.Length; i++) quantiles[i] = chunk.PeakQuantile[(at * chunk.Level.Count) + i];
        return ExpectedFree.Forecast(levels, quantiles, busy);
    }
}
