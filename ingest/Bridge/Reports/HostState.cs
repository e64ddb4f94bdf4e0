using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>A machine's scrape that is still open, and the one before it.</summary>
internal sealed class HostState(string vm)
{
    private Scrape? before, spare;

    public Scrape? Open { get; private set; }

    /// <summary>From this offset on its records have to be fed again to come to the same state.</summary>
    public long FirstOffset => Math.Min(before?.FirstOffset ?? long.MaxValue, Open?.FirstOffset ?? long.MaxValue);

    public long RecordUnixMs => Math.Max(before?.RecordUnixMs ?? 0, Open?.RecordUnixMs ?? 0);

    /// <summary>Where points of a time belong; null: their scrape is closed.</summary>
    /// <param name="timeNano">The time.</param>
    /// <param name="offset">Of the record.</param>
    /// <param name="mergeNano">Points of so long belong together.</param>
    /// <param name="report">What was complete by that; null: nothing.</param>
    public Scrape? At(ulong timeNano, long offset, ulong mergeNano, out VmReport? report)
    {
        report = null;
        if (Open is { } open && timeNano <= open.StartNano + mergeNano) return timeNano + mergeNano >= open.StartNano ? open : null;
        if (Open is null && before is not null && timeNano <= before.StartNano + mergeNano) return null;
        report = Close();
        Open = spare ?? new Scrape();
        spare = null;
        Open.Begin(timeNano, offset);
        return Open;
    }

    /// <summary>Nothing more is expected of the open scrape.</summary>
    public VmReport? Close()
    {
        if (Open is not { } open) return null;
        VmReport? report = ReportMaker.Make(vm, open, before);
        (spare, before, Open) = (before, open, null);
        return report;
    }
}
