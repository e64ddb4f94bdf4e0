using Pipeline.Schemas;

namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>A machine's scrapes that are still open, and the one before them.</summary>
/// <param name="vm">Its name.</param>
/// <param name="ordered">Whether its points come in the order of their scrapes: then a scrape is late when a newer one is open.</param>
internal sealed class HostState(string vm, bool ordered)
{
    /// <summary>More are open at a time only where partitions are minutes apart; the oldest is then closed.</summary>
    public const int OpenMax = 64;

    private readonly List<Scrape> open = [];
    private Scrape? before, spare;

    /// <summary>More scrapes are open than may be.</summary>
    public bool IsFull => open.Count > (ordered ? 1 : OpenMax);

    public bool HasOpen => open.Count > 0;

    /// <summary>From this offset on its records have to be fed again to come to the same state.</summary>
    public long FirstOffset
    {
        get
        {
            long first = before?.FirstOffset ?? long.MaxValue;
            foreach (Scrape scrape in open) first = Math.Min(first, scrape.FirstOffset);
            return first;
        }
    }

    /// <summary>Timestamp of its newest record.</summary>
    public long RecordUnixMs
    {
        get
        {
            long newest = before?.RecordUnixMs ?? 0;
            foreach (Scrape scrape in open) newest = Math.Max(newest, scrape.RecordUnixMs);
            return newest;
        }
    }

    /// <summary>Nothing more comes for its oldest open scrape: it has been quiet for long, or the next one began.</summary>
    /// <param name="nowUnixMs">All records up to this timestamp are there.</param>
    /// <param name="quiet">How long is long.</param>
    public bool IsComplete(long nowUnixMs, TimeSpan quiet) =>
        open.Count > 0 && (open[0].RecordUnixMs + (long)quiet.TotalMilliseconds < nowUnixMs || (open.Count > 1 && open[1].FirstRecordUnixMs <= nowUnixMs));

    /// <summary>Where points of a time belong; null: their scrape is closed.</summary>
    /// <param name="timeNano">The time.</param>
    /// <param name="offset">Of the record.</param>
    /// <param name="mergeNano">Points of so long belong together.</param>
    public Scrape? At(ulong timeNano, long offset, ulong mergeNano)
    {
        int at = open.Count;
        while (at > 0 && timeNano + mergeNano < open[at - 1].StartNano) at--;
        if (at > 0 && timeNano <= open[at - 1].StartNano + mergeNano) return open[at - 1];
        if (ordered && at < open.Count) return null;
        if (at == 0 && before is not null && timeNano <= before.StartNano + mergeNano) return null;
        Scrape scrape = spare ?? new Scrape();
        spare = null;
        scrape.Begin(timeNano, offset);
        open.Insert(at, scrape);
        return scrape;
    }

    /// <summary>Closes the oldest open scrape.</summary>
    /// <returns>Its report; null: none can be made of it.</returns>
    public VmReport? Close()
    {
        VmReport? report = ReportMaker.Make(vm, open[0], before);
        (spare, before) = (before, open[0]);
        open.RemoveAt(0);
        return report;
    }
}
