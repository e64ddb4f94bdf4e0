namespace Pipeline.Ingest.Bridge.Reports;

/// <summary>What one machine told at one time, from however many records.</summary>
/// <param name="startNano">Time of its first point.</param>
/// <param name="firstOffset">Offset of the record that it stood in.</param>
internal sealed class Scrape(ulong startNano, long firstOffset)
{
    private readonly Dictionary<(SignalKind, string, string), Observation> series = [];

    public ulong StartNano { get; } = startNano;

    /// <summary>Time of the newest point.</summary>
    public ulong EndNano { get; private set; } = startNano;

    public long FirstOffset { get; } = firstOffset;

    /// <summary>Timestamp of the newest record.</summary>
    public long RecordUnixMs { get; private set; }

    /// <summary>Seconds to the next scrape, where the agent says so.</summary>
    public double? IntervalS { get; private set; }

    public string HostId { get; private set; } = "";

    public string Cell { get; private set; } = "";

    public int Count => series.Count;

    public IEnumerable<Observation> All => series.Values;

    public void Add(in Observation observation) => series[observation.Series] = observation;

    public void Touch(ulong timeNano, long recordUnixMs, double? intervalS, string? hostId, string? cell)
    {
        EndNano = Math.Max(EndNano, timeNano);
        RecordUnixMs = recordUnixMs;
        IntervalS = intervalS ?? IntervalS;
        HostId = hostId ?? HostId;
        Cell = cell ?? Cell;
    }

    public Observation? Find(SignalKind kind, string instance = "", string state = "") => series.TryGetValue((kind, instance, state), out Observation found) ? found : null;

    public double? Gauge(SignalKind kind, string state = "") => Find(kind, "", state) is { Form: SignalForm.Gauge } found ? found.Value : null;
}
