using System.Text.Json;

namespace Pipeline.Local.Audit;

/// <summary>The counts of one run, as <c>--summary</c> writes them.</summary>
public sealed record Summary
{
    /// <summary>Reports that the replay sent.</summary>
    public required long ReportsSent { get; init; }

    /// <summary>Reports found in the newest revision of exactly one step.</summary>
    public required long ReportsCounted { get; init; }

    public required long Late { get; init; }

    public required long DeadLetters { get; init; }

    public required long Steps { get; init; }

    public required long Snapshots { get; init; }

    /// <summary>Communities of two VMs or more at the end.</summary>
    public required long Communities { get; init; }

    public required long VmPredictions { get; init; }

    public required long Invocations { get; init; }

    public required long Dispatched { get; init; }

    public required long Rejected { get; init; }

    public required long Completed { get; init; }

    public required long ColdStarts { get; init; }

    public required long PointsSent { get; init; }

    public required long PointsStored { get; init; }

    /// <summary>Reports, snapshots, predictions, answers, completions and points that should be there and are not.</summary>
    public required long Lost { get; init; }

    /// <summary>Whatever stands in a topic twice.</summary>
    public required long Duplicated { get; init; }

    public required double Seconds { get; init; }

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Draws the sum of a run.</summary>
    /// <param name="audit">What the topics say.</param>
    /// <param name="reportsSent">Distinct reports sent by the replay.</param>
    /// <param name="invocationsSent">Invocations sent by the replay.</param>
    /// <param name="pointsStored">Points that the store holds when asked.</param>
    /// <param name="elapsed">Wall time of the run.</param>
    public static Summary Of(TopicAudit audit, long reportsSent, long invocationsSent, long pointsStored, TimeSpan elapsed)
    {
        FleetLedger fleet = audit.Fleet;
        CallLedger calls = audit.Calls;
        long pointsSent = audit.Points.Distinct;
        long lost = Missing(reportsSent, fleet.ReportsCounted + fleet.Late + audit.DeadReports)
            + Missing(fleet.Steps, audit.Snapshots.Whole) + Missing(fleet.Steps, audit.Communities.Whole) + Missing(audit.Snapshots.Whole, audit.Predictions.Whole)
            + Missing(invocationsSent, calls.Dispatched + calls.Rejected) + Missing(calls.Dispatched, calls.Completed)
            + Missing(pointsSent, pointsStored);
        long duplicated = Missing(fleet.ReportsCounted + fleet.Late, reportsSent) + fleet.DuplicateChunks
            + audit.Snapshots.Duplicates + audit.Communities.Duplicates + audit.Patterns.Duplicates + audit.Predictions.Duplicates + calls.Duplicates
            + Missing(pointsStored, pointsSent);
        return new Summary
        {
            ReportsSent = reportsSent,
            ReportsCounted = fleet.ReportsCounted,
            Late = fleet.Late,
            DeadLetters = audit.DeadLetters,
            Steps = fleet.Steps,
            Snapshots = audit.Snapshots.Whole,
            Communities = audit.CommunityCount,
            VmPredictions = audit.VmPredictions,
            Invocations = calls.Invocations,
            Dispatched = calls.Dispatched,
            Rejected = calls.Rejected,
            Completed = calls.Completed,
            ColdStarts = calls.ColdStarts,
            PointsSent = pointsSent,
            PointsStored = pointsStored,
            Lost = lost,
            Duplicated = duplicated,
            Seconds = Math.Round(elapsed.TotalSeconds, 1),
        };

        static long Missing(long wanted, long found) => Math.Max(0, wanted - found);
    }

    public void Write(FileInfo file)
    {
        file.Directory?.Create();
        File.WriteAllText(file.FullName, JsonSerializer.Serialize(this, Json) + "\n");
    }
}
