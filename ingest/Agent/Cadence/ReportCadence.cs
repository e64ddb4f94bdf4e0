namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>
/// Says at the end of each shortest interval ("part") what to report. The agent's forecast is that things stay as they were reported; as long
/// as that holds, reports come half as often each time, up to the limit.
/// <code>
///            held: a report of 1, 2, 4, ... parts
///   close ──────────────────────────────────────► steady
///     ▲                                              │
///     └── a part differs: what was held is reported, and the part for itself; or somebody asks ──┘
/// </code>
/// </summary>
public sealed class ReportCadence(CadenceOptions options)
{
    private double? reported;
    private double sum;
    private int held, measured, span = 1;

    /// <summary>Ends a part.</summary>
    /// <param name="utilization">Its mean CPU utilisation; null where it was not measured, which is no change.</param>
    /// <param name="closely">Somebody wants every part.</param>
    public CadenceDecision End(double? utilization, bool closely)
    {
        bool changed = utilization is { } now && reported is { } then && Math.Abs(now - then) > options.Tolerance;
        if (changed && held > 0)
        {
            Report(utilization, 1);
            return CadenceDecision.ReportHeldThenPart;
        }
        held++;
        if (utilization is { } mean) (sum, measured) = (sum + mean, measured + 1);
        if (!changed && !closely && reported is not null && held < span) return CadenceDecision.Hold;
        Report(measured > 0 ? sum / measured : null, changed || closely || reported is null ? 1 : Math.Min(2 * span, options.PartsMax));
        return CadenceDecision.Report;
    }

    private void Report(double? mean, int next)
    {
        reported = mean ?? reported;
        (held, sum, measured, span) = (0, 0, 0, next);
    }
}
