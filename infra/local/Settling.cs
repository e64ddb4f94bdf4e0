using Pipeline.Local.Audit;

namespace Pipeline.Local;

/// <summary>Waits for the pipeline to come to rest after the last record was sent.</summary>
public sealed class Settling(AuditReader audit, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Nothing new in any topic for so long: what is missing will not come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Waits until all that was sent is accounted for, or nothing moves any more.</summary>
    /// <param name="stored">Has everything reached where it is stored?</param>
    /// <param name="progress">How much has; while it grows, the wait goes on.</param>
    public async Task WaitAsync(long reportsSent, long invocationsSent, Func<TopicAudit, bool> stored, Func<long> progress, CancellationToken cancel)
    {
        long moved = time.GetTimestamp();
        string before = "";
        while (time.GetElapsedTime(moved) < Patience)
        {
            (bool complete, string state) = audit.Look(a => (IsComplete(a, reportsSent, invocationsSent) && stored(a), State(a) + progress()));
            if (complete) return;
            if (state != before) moved = time.GetTimestamp();
            before = state;
            await Task.Delay(Look, time, cancel);
        }
    }

    private static bool IsComplete(TopicAudit a, long reportsSent, long invocationsSent) =>
        a.Fleet.ReportsCounted + a.Fleet.Late + a.DeadReports >= reportsSent
        && a.Snapshots.Whole >= a.Fleet.Steps
        && a.Predictions.Whole >= a.Snapshots.Whole
        && a.Calls.Dispatched + a.Calls.Rejected >= invocationsSent
        && a.Calls.Completed >= a.Calls.Dispatched;

    private static string State(TopicAudit a) =>
        $"{a.Fleet.ReportsCounted} {a.Snapshots.Whole} {a.Predictions.Whole} {a.Calls.Dispatched + a.Calls.Rejected} {a.Calls.Completed}";
}
