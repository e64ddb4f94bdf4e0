using System.Text.Json;
using Pipeline.Infra.Randomness;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.TimeSeries;
using Pipeline.Schemas;

namespace Pipeline.Processors.Store;

/// <summary>What is stored of each topic; <c>schemas/influx.md</c> lists measurements, tags and fields.</summary>
public static class PointMapper
{
    private const long NsPerMs = 1_000_000;

    /// <summary>The topics that are stored always; reports are stored where somebody asks for raw samples.</summary>
    public static readonly IReadOnlyList<TopicSpec> Stored =
        [Topics.VmSteps, Topics.GraphCommunities, Topics.VmPatterns, Topics.VmPredictions, Topics.ModelSkill, Topics.FleetProfiles, Topics.FleetAdvice, Topics.FunctionDispatches, Topics.FunctionCompletions];

    /// <summary>Of each measurement a field that every point has: counting it counts the points.</summary>
    public static readonly IReadOnlyDictionary<string, string> CountedField = new Dictionary<string, string>
    {
        ["vm_step"] = "reports",
        ["cell_step"] = "vms",
        ["community_step"] = "vms",
        ["community_event"] = "community",
        ["pattern"] = "strength",
        ["vm_prediction"] = "age_s",
        ["model_skill"] = "cases",
        ["model_event"] = "value",
        ["profile"] = "free_share",
        ["capacity_forecast"] = "vms",
        ["profile_change"] = "strength",
        ["function_dispatch"] = "considered",
        ["function_completion"] = "wall_ms",
    };

    /// <summary>Adds the points of one record.</summary>
    /// <param name="join">Is shown steps and predictions; what it makes of them is added to <paramref name="outcomes"/>.</param>
    /// <returns>Why the record cannot be read; null when it can.</returns>
    public static string? Map(in StreamRecord record, List<Point> points, PredictionOutcomes? join = null, List<Point>? outcomes = null) => record.Topic switch
    {
        _ when record.Topic == Topics.VmSteps.Name => Read(Topics.VmSteps, record, points, (into, chunk) => { Add(into, chunk); join?.Add(chunk, outcomes ?? into); }),
        _ when record.Topic == Topics.VmMetrics.Name => Read(Topics.VmMetrics, record, points, Add),
        _ when record.Topic == Topics.GraphCommunities.Name => Read(Topics.GraphCommunities, record, points, Add),
        _ when record.Topic == Topics.VmPatterns.Name => Read(Topics.VmPatterns, record, points, Add),
        _ when record.Topic == Topics.VmPredictions.Name => Read(Topics.VmPredictions, record, points, (into, chunk) => { Add(into, chunk); join?.Add(chunk, outcomes ?? into); }),
        _ when record.Topic == Topics.ModelSkill.Name => Read(Topics.ModelSkill, record, points, SkillPoints.Add),
        _ when record.Topic == Topics.FleetProfiles.Name => Read(Topics.FleetProfiles, record, points, AdvicePoints.Add),
        _ when record.Topic == Topics.FleetAdvice.Name => Read(Topics.FleetAdvice, record, points, AdvicePoints.Add),
        _ when record.Topic == Topics.FunctionDispatches.Name => Read(Topics.FunctionDispatches, record, points, Add),
        _ when record.Topic == Topics.FunctionCompletions.Name => Read(Topics.FunctionCompletions, record, points, Add),
        _ => $"nothing of {record.Topic} is stored",
    };

    private static string? Read<T>(TopicSpec<T> topic, in StreamRecord record, List<Point> points, Action<List<Point>, T> add)
        where T : Google.Protobuf.IMessage<T>
    {
        if (!topic.TryRead(new RecordContext(record.KeyText, record.TimestampUnixMs), record.Value, out T value, out string reason)) return reason;
        add(points, value);
        return null;
    }

    private static void Add(List<Point> points, StepChunk chunk)
    {
        long time = chunk.StepEndUnixMs * NsPerMs;
        points.Add(Completeness.PointOf(chunk, time));
        foreach (VmStep vm in chunk.Vms)
        {
            List<Field> fields = [new("reports", (long)vm.Reports), new("late", (long)vm.Late), new("completeness", (double)vm.Completeness), new("cores", (double)vm.Cores), new("memory_bytes", (double)vm.MemoryBytes)];
            if (vm.RepeatedReports > 0) fields.Add(new Field("repeated", (long)vm.RepeatedReports));
            if (vm.Quarantined > 0) fields.Add(new Field("quarantined", (long)vm.Quarantined));
            if (vm.Revised > 0) fields.Add(new Field("revised", (long)vm.Revised));
            if (vm.Missing > 0) fields.Add(new Field("missing", (long)vm.Missing));
            if (vm.Recovered > 0) fields.Add(new Field("recovered", (long)vm.Recovered));
            if (vm.Restarts > 0) fields.Add(new Field("restarts", (long)vm.Restarts));
            if (vm.BehindS > 0) fields.Add(new Field("behind_s", (long)vm.BehindS));
            if (vm.Own is { } own) AddSignals(fields, own, vm.Cores);
            if (vm.Functions is { } functions) fields.Add(new Field("functions_cpu", (double)functions.CpuUtilization));
            points.Add(new Point("vm_step", [new("cell", chunk.Cell), new("vm", vm.Vm)], [.. fields], time));
        }
    }

    /// <summary>Reports as they came; their signatures are not looked at here.</summary>
    private static void Add(List<Point> points, VmReports reports)
    {
        foreach (VmReport report in reports.Reports)
        {
            List<Field> fields = [new("sequence", (long)report.Sequence), new("cores", (double)report.Cores), new("memory_bytes", (double)report.MemoryBytes)];
            if (report.Own is { } own) AddSignals(fields, own, report.Cores);
            if (report.Functions is { } functions) fields.Add(new Field("functions_cpu", (double)functions.CpuUtilization));
            points.Add(new Point("vm_sample", [new("cell", report.Cell), new("vm", report.Vm)], [.. fields], report.TimeUnixMs * NsPerMs));
        }
    }

    private static void AddSignals(List<Field> fields, Signals own, float cores)
    {
        if (own.HasCpuUtilization)
        {
            fields.Add(new Field("cpu", (double)own.CpuUtilization));
            fields.Add(new Field("free_cores", cores * Math.Max(0.0, 1 - own.CpuUtilization)));
        }
        if (own.HasCpuUtilizationPeak) fields.Add(new Field("cpu_peak", (double)own.CpuUtilizationPeak));
        if (own.HasCpuSteal) fields.Add(new Field("cpu_steal", (double)own.CpuSteal));
        if (own.HasMemoryUtilization) fields.Add(new Field("memory", (double)own.MemoryUtilization));
        if (own.HasDiskRead) fields.Add(new Field("disk_read", (double)own.DiskRead));
        if (own.HasDiskWrite) fields.Add(new Field("disk_write", (double)own.DiskWrite));
        if (own.HasNetworkReceive) fields.Add(new Field("network_receive", (double)own.NetworkReceive));
        if (own.HasNetworkTransmit) fields.Add(new Field("network_transmit", (double)own.NetworkTransmit));
        if (own.HasLoad1M) fields.Add(new Field("load_1m", (double)own.Load1M));
    }

    private static void Add(List<Point> points, CommunityChunk chunk)
    {
        long time = chunk.StepEndUnixMs * NsPerMs;
        foreach (Community c in chunk.Communities)
        {
            points.Add(new Point(
                "community_step",
                [new("cell", chunk.Cell), new("community", Text(c.Id))],
                [new("vms", (long)c.Vms), new("vms_reporting", (long)c.VmsReporting), new("cores", c.Cores), new("free_cores", c.FreeCores), new("stability", (double)c.Stability)],
                time));
        }
        for (int i = 0; i < chunk.Events.Count; i++)
        {
            CommunityEvent e = chunk.Events[i];
            // Events of one kind at one step would be one point: their place in the list tells them apart.
            points.Add(new Point(
                "community_event",
                [new("cell", chunk.Cell), new("kind", e.Kind.ToString().ToLowerInvariant())],
                [new("community", (long)e.Community), new("others", string.Join(' ', e.Others.Select(Text))), new("vm", e.Vm), new("vms", (long)e.Vms)],
                time + i));
        }
    }

    private static void Add(List<Point> points, PatternChunk chunk)
    {
        for (int i = 0; i < chunk.Patterns.Count; i++)
        {
            Pattern pattern = chunk.Patterns[i];
            Tag subject = pattern.SubjectCase == Pattern.SubjectOneofCase.Vm ? new("vm", pattern.Vm) : new("community", Text(pattern.Community));
            // A shift stands where it happened, so that finding it again changes nothing. Of one subject there may be several leads or
            // co-bursts of a kind: their place in the list tells them apart.
            long place = pattern.OtherCase == Pattern.OtherOneofCase.None ? 0 : (chunk.Chunk * Topics.ChunkVms) + i;
            long time = pattern.Kind == Pattern.Types.Kind.LevelShift ? pattern.StartUnixMs * NsPerMs : (chunk.StepEndUnixMs * NsPerMs) + place;
            List<Field> fields = [new("strength", (double)pattern.Strength), new("start_unix_ms", pattern.StartUnixMs)];
            if (pattern.OtherCase == Pattern.OtherOneofCase.OtherVm) fields.Add(new Field("other_vm", pattern.OtherVm));
            if (pattern.OtherCase == Pattern.OtherOneofCase.OtherCommunity) fields.Add(new Field("other_community", (long)pattern.OtherCommunity));
            AddEvidence(fields, pattern);
            points.Add(new Point("pattern", [new("cell", chunk.Cell), new("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(pattern.Kind.ToString())), subject], [.. fields], time));
        }
    }

    private static void AddEvidence(List<Field> fields, Pattern pattern)
    {
        if (pattern.HasMean) fields.Add(new Field("mean", (double)pattern.Mean));
        if (pattern.HasPeak) fields.Add(new Field("peak", (double)pattern.Peak));
        if (pattern.HasPercentile99) fields.Add(new Field("percentile_99", (double)pattern.Percentile99));
        if (pattern.HasSpread) fields.Add(new Field("spread", (double)pattern.Spread));
        if (pattern.HasPeriodSteps) fields.Add(new Field("period_steps", (double)pattern.PeriodSteps));
        if (pattern.HasAmplitude) fields.Add(new Field("amplitude", (double)pattern.Amplitude));
        if (pattern.HasBurstShare) fields.Add(new Field("burst_share", (double)pattern.BurstShare));
        if (pattern.HasSlopePerDay) fields.Add(new Field("slope_per_day", (double)pattern.SlopePerDay));
        if (pattern.HasLevelBefore) fields.Add(new Field("level_before", (double)pattern.LevelBefore));
        if (pattern.HasLevelAfter) fields.Add(new Field("level_after", (double)pattern.LevelAfter));
        if (pattern.HasLagSteps) fields.Add(new Field("lag_steps", (long)pattern.LagSteps));
        if (pattern.HasCorrelation) fields.Add(new Field("correlation", (double)pattern.Correlation));
        if (pattern.HasEpisodes) fields.Add(new Field("episodes", (long)pattern.Episodes));
        if (pattern.HasLift) fields.Add(new Field("lift", (double)pattern.Lift));
    }

    private static void Add(List<Point> points, PredictionChunk chunk)
    {
        long time = chunk.StepEndUnixMs * NsPerMs;
        int horizons = chunk.HorizonS.Count, levels = chunk.Level.Count;
        string[] suffixes = [.. chunk.HorizonS.Select(h => $"_{Text(h / 60)}m")];
        string[] names = [.. chunk.Level.Select(l => $"q{Text((uint)MathF.Round(l * 100))}")];
        for (int i = 0; i < chunk.Vm.Count; i++)
        {
            List<Field> fields = new((horizons * (levels + 1)) + 2) { new("community", (long)chunk.Community[i]), new("age_s", (long)chunk.AgeS[i]) };
            for (int h = 0; h < horizons; h++)
            {
                int row = (i * horizons) + h;
                fields.Add(new Field("busy" + suffixes[h], (double)chunk.BusyProbability[row]));
                for (int q = 0; q < levels; q++) fields.Add(new Field(names[q] + suffixes[h], (double)chunk.PeakQuantile[(row * levels) + q]));
            }
            points.Add(new Point("vm_prediction", [new("cell", chunk.Cell), new("vm", chunk.Vm[i])], [.. fields], time));
        }
    }

    private static void Add(List<Point> points, Dispatch value)
    {
        List<Field> fields = [new("considered", (long)(value.Decision?.Considered ?? 0))];
        if (value.Decision?.Candidates is [{ } chosen, ..])
        {
            fields.Add(new Field("cost_s", (double)chosen.CostS));
            fields.Add(new Field("warm", chosen.Warm));
            fields.Add(new Field("in_flight", (long)chosen.InFlight));
            fields.Add(new Field("free_share", (double)chosen.FreeShare));
            fields.Add(new Field("prediction_age_s", (double)chosen.PredictionAgeS));
        }
        points.Add(new Point(
            "function_dispatch",
            [new("function", value.Function), new("tenant", value.Tenant), new("vm", value.Vm), new("outcome", value.Outcome.ToString().ToLowerInvariant()), new("reject_code", value.RejectCode)],
            [.. fields],
            TimeOf(value.TimeUnixMs, value.InvocationId)));
    }

    private static void Add(List<Point> points, Completion value) => points.Add(new Point(
        "function_completion",
        [new("function", value.Function), new("tenant", value.Tenant), new("vm", value.Vm), new("outcome", value.Outcome.ToString().ToLowerInvariant()), new("cold", value.ColdStart ? "true" : "false")],
        [new("wall_ms", value.WallMs), new("cpu_s", value.CpuS), new("cold_start_ms", value.ColdStartMs)],
        TimeOf(value.TimeUnixMs, value.InvocationId)));

    /// <summary>
    /// Calls of one series within a millisecond would overwrite each other, and an id as a tag would make a series of every call: the id's
    /// hash is put into the nanoseconds. Two calls of one series and millisecond collide with a chance of one in a million.
    /// </summary>
    private static long TimeOf(long unixMs, string invocationId) =>
        (unixMs * NsPerMs) + (long)(NameHash.Of(invocationId) % NsPerMs);

    private static string Text(uint value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
