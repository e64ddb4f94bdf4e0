using System.Diagnostics.Metrics;
using Pipeline.Schemas;

namespace Pipeline.Processors.Service;

/// <summary>What became of reports, by cell, as metrics of the meter "Pipeline.Processors". Counted as steps are published first.</summary>
internal static class ReportMetrics
{
    private static readonly Meter Meter = new("Pipeline.Processors");
    private static readonly Counter<long> Reports = Meter.CreateCounter<long>("reports", "{report}", "reports by outcome");
    private static readonly Counter<long> RefusedRecords = Meter.CreateCounter<long>("reports.refused", "{record}", "records of reports that were refused for want of a good signature");

    /// <summary>A record was refused.</summary>
    public static void Refused(string cell, string reason) => RefusedRecords.Add(1, new("cell", cell), new("reason", reason));

    /// <summary>A step was published for the first time.</summary>
    public static void Published(string cell, VmStep[] steps)
    {
        Add(cell, "in_time", steps.Sum(s => (long)s.Reports));
        Add(cell, "late", steps.Sum(s => (long)s.Late));
        Add(cell, "repeated", steps.Sum(s => (long)s.RepeatedReports));
        Add(cell, "quarantined", steps.Sum(s => (long)s.Quarantined));
        Add(cell, "missing", steps.Sum(s => (long)s.Missing));
        Add(cell, "recovered", steps.Sum(s => (long)s.Recovered));
    }

    private static void Add(string cell, string outcome, long count)
    {
        if (count > 0) Reports.Add(count, new("cell", cell), new("outcome", outcome));
    }
}
