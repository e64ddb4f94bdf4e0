using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;
using Pipeline.Schemas;

namespace Pipeline.Local.Audit;

/// <summary>
/// Reads every topic back and keeps the books: what was lost or stands there twice is found here, not told by the senders.
/// Feed it the records of all topics in any order between topics, in order within a partition.
/// </summary>
public sealed class TopicAudit
{
    private static readonly HashSet<string> StoredTopics = [.. PointMapper.Stored.Select(t => t.Name)];

    private readonly Dictionary<(string Vm, long End), Forecast> forecasts = [];

    public FleetLedger Fleet { get; } = new();

    public ChunkLedger Snapshots { get; } = new();

    public ChunkLedger Communities { get; } = new();

    public ChunkLedger Patterns { get; } = new();

    public ChunkLedger Predictions { get; } = new();

    public CallLedger Calls { get; } = new();

    /// <summary>Records in dead-letter topics.</summary>
    public long DeadLetters { get; private set; }

    /// <summary>Points that the topics make: what a store of them should hold.</summary>
    public PointLedger Points { get; } = new();

    /// <summary>Records in the dead letters of vm.metrics.</summary>
    public long DeadReports { get; private set; }

    /// <summary>VM predictions: one for each VM and whole or part snapshot.</summary>
    public long VmPredictions { get; private set; }

    /// <summary>Communities of two VMs or more in the newest step of each cell.</summary>
    public int CommunityCount => communityCounts.Values.Sum();

    /// <summary>Share of VMs whose newest prediction says that they will hardly be busy (below 5 %) within 30 minutes.</summary>
    public double FreeShare => newest.Count == 0 ? 0 : newest.Values.Count(f => f.BusyProbability < .05f) / (double)newest.Count;

    /// <summary>Community of each VM, newest.</summary>
    public IReadOnlyDictionary<string, uint> CommunityOf => communityOf;

    /// <summary>By VM and step end (Unix milliseconds): what was predicted for the 30 minutes after it.</summary>
    public IReadOnlyDictionary<(string Vm, long End), Forecast> Forecasts => forecasts;

    public IReadOnlyList<CommunityEvent> Events => events;

    private readonly Dictionary<string, int> communityCounts = [];
    private readonly Dictionary<string, uint> communityOf = [];
    private readonly Dictionary<string, Forecast> newest = [];
    private readonly List<CommunityEvent> events = [];
    private readonly List<Point> mapped = [];

    public void Apply(in StreamRecord record)
    {
        AddPoints(record);
        // Broken records are the subject of the dead letters; here only what can be read counts.
        RecordContext context = new(record.KeyText, record.TimestampUnixMs);
        if (record.Topic.EndsWith(Topics.DeadLetterSuffix, StringComparison.Ordinal)) AddDeadLetter(record);
        else if (record.Topic == Topics.VmMetrics.Name) Read(Topics.VmMetrics, record, context, Fleet.Add);
        else if (record.Topic == Topics.VmSteps.Name) Read(Topics.VmSteps, record, context, Fleet.Add);
        else if (record.Topic == Topics.GraphSnapshots.Name) Read(Topics.GraphSnapshots, record, context, s => Snapshots.Add(s.Cell, s.StepEndUnixMs, s.Revision, s.Chunk, s.Chunks));
        else if (record.Topic == Topics.GraphCommunities.Name) Read(Topics.GraphCommunities, record, context, Add);
        else if (record.Topic == Topics.VmPatterns.Name) Read(Topics.VmPatterns, record, context, p => Patterns.Add(p.Cell, p.StepEndUnixMs, p.Revision, p.Chunk, p.Chunks));
        else if (record.Topic == Topics.VmPredictions.Name) Read(Topics.VmPredictions, record, context, Add);
        else if (record.Topic == Topics.FunctionInvocations.Name) ReadTimed(Topics.FunctionInvocations, record, context, Calls.Add);
        else if (record.Topic == Topics.FunctionDispatches.Name) ReadTimed(Topics.FunctionDispatches, record, context, Calls.Add);
        else if (record.Topic == Topics.FunctionCompletions.Name) Read(Topics.FunctionCompletions, record, context, Calls.Add);
    }

    private static void Read<T>(TopicSpec<T> topic, in StreamRecord record, RecordContext context, Action<T> add)
        where T : Google.Protobuf.IMessage<T>
    {
        if (topic.TryRead(context, record.Value, out T value, out _)) add(value);
    }

    private static void ReadTimed<T>(TopicSpec<T> topic, in StreamRecord record, RecordContext context, Action<T, long> add)
        where T : Google.Protobuf.IMessage<T>
    {
        if (topic.TryRead(context, record.Value, out T value, out _)) add(value, record.TimestampUnixMs);
    }

    private void AddPoints(in StreamRecord record)
    {
        if (!StoredTopics.Contains(record.Topic)) return;
        mapped.Clear();
        if (PointMapper.Map(record, mapped) is null) mapped.ForEach(p => Points.Add(p));
    }

    private void AddDeadLetter(in StreamRecord record)
    {
        DeadLetters++;
        if (record.Topic == Topics.VmMetrics.DeadLetterName) DeadReports++;
    }

    private void Add(CommunityChunk value)
    {
        if (!Communities.Add(value.Cell, value.StepEndUnixMs, value.Revision, value.Chunk, value.Chunks)) return;
        for (int i = 0; i < value.Vm.Count; i++) communityOf[value.Vm[i]] = value.Community[i];
        if (value.Chunk != 0) return;
        communityCounts[value.Cell] = value.Communities.Count(c => c.Vms > 1);
        events.AddRange(value.Events);
    }

    private void Add(PredictionChunk value)
    {
        if (!Predictions.Add(value.Cell, value.StepEndUnixMs, value.Revision, value.Chunk, value.Chunks)) return;
        VmPredictions += value.Vm.Count;
        int h = value.HorizonS.IndexOf(Forecast.HorizonS), levels = value.Level.Count;
        int q50 = value.Level.IndexOf(.5f), q90 = value.Level.IndexOf(.9f);
        if (h < 0 || q50 < 0 || q90 < 0) return;
        for (int i = 0; i < value.Vm.Count; i++)
        {
            int row = (i * value.HorizonS.Count) + h;
            Forecast forecast = new(value.PeakQuantile[(row * levels) + q50], value.PeakQuantile[(row * levels) + q90], value.BusyProbability[row], value.CpuUtilization[i]);
            forecasts[(value.Vm[i], value.StepEndUnixMs)] = forecast;
            newest[value.Vm[i]] = forecast;
        }
    }
}
