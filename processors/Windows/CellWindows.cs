namespace Pipeline.Processors.Windows;

/// <summary>
/// Event time of one cell: puts reports into steps and says which step is to be closed next.
/// <code>
///   reports │ late: counted, not used │ revise their step │ wait for their step to close
///   steps   │ ... final               │ closed            │ open ...
///                                 Final              Closed                 Watermark
/// </code>
/// Step number e is the time (e - 1, e] in step lengths since the Unix epoch. The bounds only move when a step is
/// closed: what is published with it tells all that is needed to have the same bounds after a restart.
/// </summary>
internal sealed class CellWindows(StepOptions options, VmDirectory vms)
{
    /// <summary>No step.</summary>
    public const long None = long.MinValue;

    private readonly SortedDictionary<long, StepWindow> _windows = [];
    private int _expected;
    private int _reached;
    private long _newestReported = None;
    private long _firstReported = long.MaxValue;
    private StepWindow? _last;

    /// <summary>Highest report time seen, Unix milliseconds.</summary>
    public long WatermarkMs { get; private set; } = None;

    /// <summary>Newest closed step.</summary>
    public long Closed { get; private set; } = None;

    /// <summary>Newest step that nothing revises any more.</summary>
    public long Final { get; private set; } = None;

    /// <summary>Steps passed over after long silences.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Offset of the first record that holds something not final; <see cref="long.MaxValue"/>: none does.</summary>
    public long NeededFrom => _windows.Values.Aggregate(long.MaxValue, (least, w) => Math.Min(least, w.FirstOffset));

    /// <summary>Counts a report into its step, or as late, repeated or quarantined.</summary>
    /// <param name="report">A validated report of this cell.</param>
    /// <param name="record">Offset and time of its record.</param>
    /// <param name="replayed">The record came before the newest publication: rejects were published with it.</param>
    public void Add(in Report report, (long Offset, long UnixMs) record, bool replayed)
    {
        long time = report.Values.TimeUnixMs, step = options.StepOf(time);
        if (time > record.UnixMs + options.ClockToleranceMs)
        {
            if (!replayed) Reject(report).Tally.Quarantined++;
            return;
        }
        WatermarkMs = Math.Max(WatermarkMs, time);
        if (Final == None) Final = Math.Min(FinalBy(time), step - 1);
        if (step <= Final)
        {
            if (!replayed) Late(report);
            return;
        }
        VmState vm = report.Vm ?? vms.GetOrAdd(report.Name!);
        StepWindow window = WindowOf(step);
        bool expects = step == Closed && !vm.Expected && window[vm] is null;
        if (!window.Add(vm, report, record.Offset))
        {
            if (!replayed) Reject(report).Tally.Repeated++;
            return;
        }
        // What was taken over from a published step has it already.
        if (!replayed || !vm.Sequences.IsRestored) vm.Sequences.Take(report.Values.Sequence, time);
        _newestReported = Math.Max(_newestReported, step);
        if (step > Closed) _firstReported = Math.Min(_firstReported, step);
        vm.Touch(step);
        bool anew = vm.Hear(report.Values.Cores, report.Values.MemoryBytes, report.Values.Sequence, time);
        if (!replayed)
        {
            if (anew) vm.Tally.Restarts++;
            vm.BehindMs = Math.Min(vm.BehindMs, WatermarkMs - time);
        }
        if (expects) Expect(vm);
        Reach(vm, time + report.Values.IntervalMs / 2 >= step * options.StepMs ? step : step - 1);
    }

    /// <summary>The step that is due to be closed now.</summary>
    /// <param name="idle">The cell has gone silent: whatever holds reports is due.</param>
    /// <param name="step">The one after the newest closed, or, after a long silence, the one where reports begin again.</param>
    public bool TryNext(bool idle, out long step)
    {
        step = Closed + 1;
        if (_newestReported <= Closed) return false;
        if (Closed == None || (_expected == 0 && _firstReported > step + StepOptions.GapStepsMax)) step = _firstReported;
        return idle || WatermarkMs >= step * options.StepMs + options.CloseDelayMs || (_expected > 0 && _reached == _expected);
    }

    /// <summary>Closes the step that is due, and moves the final horizon.</summary>
    public StepWindow Close(long step, bool idle)
    {
        StepWindow window = WindowOf(step);
        if (Closed != None) SkippedSteps += step - Closed - 1;
        // What is passed over is never published, so nothing may revise it.
        if (step != Closed + 1) Final = Math.Max(Final, step - 1);
        Closed = step;
        _firstReported = FirstReported();
        bool finish = idle && step == _newestReported;
        if (finish) WatermarkMs = Math.Max(WatermarkMs, step * options.StepMs);
        Final = Math.Max(Final, finish ? step : Math.Min(step, FinalBy(WatermarkMs)));
        foreach (VmState vm in vms.Ordered)
        {
            vm.Expected = window[vm] is not null;
            if (vm.Joined <= step) vm.Tally.Missing += vm.Sequences.GiveUp(Final * options.StepMs, (step - StepOptions.SilentStepsMax) * options.StepMs);
            VmTally tally = vm.TakeTally(options.ClockToleranceMs);
            // What is counted before it is a row goes with this close too: a restart would not count it again.
            if (vm.Joined <= step) window.SetTally(vm, tally);
        }
        CountExpected();
        return window;
    }

    /// <summary>Closed steps with new reports, in order.</summary>
    public StepWindow[] Dirty() => [.. _windows.Values.Where(w => w.Dirty)];

    public void DropFinal()
    {
        while (_windows.Count > 0 && _windows.Keys.First() is long first && first <= Final) _windows.Remove(first);
        _last = null;
    }

    /// <summary>Takes over a published step. Steps come in the order in which they were published.</summary>
    public StepWindow Restore(long step, int revision, long publishedAt, long final)
    {
        StepWindow window = WindowOf(step);
        window.Published(revision, publishedAt);
        if (revision > 0 || step == Closed) return window;
        (Closed, Final) = (step, final);
        WatermarkMs = Math.Max(WatermarkMs, final * options.StepMs);
        DropFinal();
        return window;
    }

    /// <summary>Counts anew which VMs are expected in the open step and which of them are there.</summary>
    public void CountExpected()
    {
        (_expected, _reached) = (0, 0);
        foreach (VmState vm in vms.Ordered)
        {
            if (!vm.Expected) continue;
            _expected++;
            if (vm.Reached > Closed) _reached++;
        }
    }

    private long FinalBy(long watermarkMs) => (watermarkMs - options.GraceMs) / options.StepMs;

    /// <summary>The oldest open step with reports; <see cref="long.MaxValue"/>: there is none.</summary>
    private long FirstReported()
    {
        foreach (StepWindow window in _windows.Values)
            if (window.HasReports && window.Step > Closed) return window.Step;
        return long.MaxValue;
    }

    /// <summary>Most reports are of the step that the last one was of.</summary>
    private StepWindow WindowOf(long step)
    {
        if (_last?.Step == step) return _last;
        if (!_windows.TryGetValue(step, out StepWindow? window)) _windows[step] = window = new StepWindow(step);
        return _last = window;
    }

    /// <summary>Notes that something was heard of a VM that goes into no step.</summary>
    private VmState Reject(in Report report)
    {
        VmState vm = report.Vm ?? vms.GetOrAdd(report.Name!);
        if (Final != None) vm.Touch(Closed == None ? Final + 1 : Closed + 1);
        return vm;
    }

    private void Late(in Report report)
    {
        VmState vm = Reject(report);
        SequenceArrival arrival = vm.Sequences.Take(report.Values.Sequence, report.Values.TimeUnixMs);
        if (arrival == SequenceArrival.Repeated)
        {
            vm.Tally.Repeated++;
            return;
        }
        vm.Tally.Late++;
        if (arrival == SequenceArrival.Recovered) vm.Tally.Recovered++;
        vm.BehindMs = Math.Min(vm.BehindMs, WatermarkMs - report.Values.TimeUnixMs);
    }

    private void Expect(VmState vm)
    {
        vm.Expected = true;
        _expected++;
        if (vm.Reached > Closed) _reached++;
    }

    private void Reach(VmState vm, long step)
    {
        if (step <= vm.Reached) return;
        if (vm.Expected && vm.Reached <= Closed && step > Closed) _reached++;
        vm.Reached = step;
    }
}
