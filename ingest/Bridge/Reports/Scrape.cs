namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>What one machine told at one time, from however many records.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<(SignalKind, string, string), Observation> series = [];

    /// <summary>Time of its earliest point.</summary>
    public ulong StartNano { get; private set; }

    /// <summary>Offset of the record that its first point stood in.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>Timestamp of its earliest record.</summary>
    public long FirstRecordUnixMs { get; private set; }

    /// <summary>Timestamp of the newest record.</summary>
    public long RecordUnixMs { get; private set; }

    /// <summary>Seconds to the next scrape, where the agent says so.</summary>
    public double? IntervalS { get; private set; }

    public string HostId { get; private set; } = "";

    public string Cell { get; private set; } = "";

    public int Count => series.Count;

    /// <summary>Observations in the order in which their series first came.</summary>
    public Dictionary<(SignalKind, string, string), Observation>.ValueCollection All => series.Values;

    /// <summary>Begins anew: a machine's scrapes come in the same series, and so they take turns.</summary>
    public void Begin(ulong startNano, long firstOffset)
    {
        series.Clear();
        (StartNano, FirstOffset, FirstRecordUnixMs, RecordUnixMs) = (startNano, firstOffset, long.MaxValue, 0);
        (IntervalS, HostId, Cell) = (null, "", "");
    }

    /// <summary>Of a gauge and a counter of one series the gauge stays, in whatever order they come.</summary>
    public void Add(in Observation observation)
    {
        if (observation.Form == SignalForm.Gauge || !series.TryGetValue(observation.Series, out Observation known) || known.Form != SignalForm.Gauge) series[observation.Series] = observation;
    }

    public void Touch(ulong timeNano, long recordUnixMs, double? intervalS, string? hostId, string? cell)
    {
        StartNano = Math.Min(StartNano, timeNano);
        FirstRecordUnixMs = Math.Min(FirstRecordUnixMs, recordUnixMs);
        RecordUnixMs = Math.Max(RecordUnixMs, recordUnixMs);
        IntervalS = intervalS ?? IntervalS;
        HostId = hostId ?? HostId;
        Cell = cell ?? Cell;
    }

    public Observation? Find(SignalKind kind, string instance = "", string state = "") => series.TryGetValue((kind, instance, state), out Observation found) ? found : null;

    public double? Gauge(SignalKind kind, string state = "") => Find(kind, "", state) is { Form: SignalForm.Gauge } found ? found.Value : null;
}
