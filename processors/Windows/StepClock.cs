using Pipeline.Schemas;

namespace Pipeline.Processors.Windows;

/// <summary>
/// Sorts the reports of one cell into steps and says which step closes when. Event time is the highest report time seen.
/// A step closes when everybody who was in the step before has been heard up to its end, or when event time is past its end by the close
/// delay; it becomes final at the first close after its grace is over.
/// </summary>
internal sealed class StepClock(StepOptions options)
{
    private readonly SortedDictionary<long, OpenStep> steps = [];
    private long watermark;
    private IReadOnlyCollection<string> lastSeen = [];

    /// <summary>Newest final step; steps up to it are history.</summary>
    public long Final { get; private set; } = long.MinValue;

    /// <summary>Newest closed step; <see cref="long.MinValue"/> before the first.</summary>
    public long Closed { get; private set; } = long.MinValue;

    /// <summary>Steps that were left out because nobody reported for too long.</summary>
    public long Skipped { get; private set; }

    /// <summary>Offset of the first report of what is not final; null when there is nothing.</summary>
    public long? FirstOffset => steps.Count == 0 ? null : steps.Values.Min(s => s.FirstOffset);

    /// <summary>Closed steps that late reports changed since they were published, oldest first.</summary>
    public IEnumerable<OpenStep> Dirty => steps.Values.Where(s => s.IsDirty);

    /// <summary>Goes back to where published steps end: final ones are closed, the rest will be fed again.</summary>
    /// <param name="final">Newest final step.</param>
    /// <param name="seenInFinal">VMs that the first publication of that step counted.</param>
    public void Restore(long final, IReadOnlyCollection<string> seenInFinal)
    {
        Final = Closed = final;
        lastSeen = seenInFinal;
    }

    /// <summary>Takes a report.</summary>
    public ReportFate Add(VmReport report, long offset)
    {
        long number = options.StepOf(report.TimeUnixMs);
        if (number <= Final) return ReportFate.Late;
        if (!steps.TryGetValue(number, out OpenStep? step)) step = Open(number, offset);
        if (!step.TryAdd(report)) return ReportFate.Repeated;
        watermark = Math.Max(watermark, report.TimeUnixMs);
        step.IsDirty |= step.IsClosed;
        // Half an interval of slack: agents do not hit the end of a step to the millisecond.
        bool upToEnd = report.TimeUnixMs + (report.IntervalMs / 2) >= number * options.StepMs;
        foreach ((long other, OpenStep earlier) in steps)
        {
            if (other < number || (other == number && upToEnd)) earlier.Heard(report.Vm);
            if (other >= number) break;
        }
        return ReportFate.Counted;
    }

    /// <summary>The next step that closes now, or null. Call again until null; call <see cref="Finish"/> behind each.</summary>
    public OpenStep? TryClose()
    {
        if (steps.Count == 0) return null;
        long next = Closed == long.MinValue ? steps.Keys.First() : Closed + 1;
        long due = (watermark - (long)options.CloseDelay.TotalMilliseconds) / options.StepMs;
        if (due - next > StepOptions.GapStepsMax && NextWithReports(next) is { } later && later > next + 1)
        {
            Skipped += later - 1 - next;
            lastSeen = [];
            next = later - 1;
        }
        bool known = steps.TryGetValue(next, out OpenStep? step);
        if (due < next && !(known && step!.IsComplete)) return null;
        step ??= Open(next, long.MaxValue);
        step.IsClosed = true;
        Closed = next;
        return step;
    }

    /// <summary>After a step was published: what comes after it knows whom to expect, and what is out of grace is final.</summary>
    public void Finish(OpenStep step)
    {
        lastSeen = [.. step.Vms.Keys];
        if (steps.TryGetValue(step.Number + 1, out OpenStep? next)) next.Expect(lastSeen);
        long final = Math.Min(step.Number, (watermark - (long)options.Grace.TotalMilliseconds) / options.StepMs);
        Final = Math.Max(Final, final);
        foreach (long number in steps.Keys.TakeWhile(n => n <= Final).ToList()) steps.Remove(number);
    }

    private OpenStep Open(long number, long offset)
    {
        OpenStep step = steps[number] = new OpenStep(number, offset);
        if (number == Closed + 1) step.Expect(lastSeen);
        return step;
    }

    private long? NextWithReports(long from)
    {
        foreach (long number in steps.Keys)
            if (number >= from) return number;
        return null;
    }
}
