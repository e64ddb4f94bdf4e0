using System.Text.Json;
using Pipeline.Infra.Traces;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Patterns;
using Pipeline.Processors.Similarity;
using Pipeline.Schemas;
using Pattern = Pipeline.Processors.Patterns.Pattern;

namespace Pipeline.Processors.Offline;

/// <summary>What a run found, as tables. Times are Unix seconds, ends of steps. Edges and patterns once a day, the rest with each graph.</summary>
internal sealed class GraphFiles : IDisposable
{
    private readonly long stepMs;
    private readonly CsvTable edges;
    private readonly CsvTable communities;
    private readonly CsvTable events;
    private readonly CsvTable patterns;

    public GraphFiles(DirectoryInfo folder, long stepMs)
    {
        this.stepMs = stepMs;
        edges = new CsvTable(In(folder, "edges.csv"), "unix_time", "vm", "neighbour", "weight");
        communities = new CsvTable(
            In(folder, "communities.csv"),
            "unix_time", "vm", "community", "since_unix_time", "membership", "consensus", "alternative_1", "share_1", "alternative_2", "share_2", "stability");
        events = new CsvTable(In(folder, "events.csv"), "unix_time", "kind", "community", "others", "vm", "vms");
        patterns = new CsvTable(
            In(folder, "patterns.csv"),
            "unix_time", "kind", "vm", "community", "other_vm", "other_community", "start_unix_time", "strength", "mean", "peak", "period_s", "amplitude", "burst_share",
            "slope_per_day", "level_before", "level_after", "lag_s", "correlation", "episodes", "lift", "p_value");
    }

    public void Add(GraphMoment moment)
    {
        long time = moment.UnixMs / 1000;
        CommunitySnapshot found = moment.Communities;
        for (int i = 0; i < moment.Vms.Count; i++)
        {
            Membership m = found.Memberships[i];
            communities.Add(
                time, moment.Vms[i], found.Ids[i], found.SinceUnixMs[i] / 1000, m.Share, m.Consensus, Known(m.First), m.First.Share, Known(m.Second), m.Second.Share,
                found.Standings.TryGetValue(found.Ids[i], out CommunityStanding standing) ? standing.Stability : null);
        }
        foreach (CommunityEvent e in found.Events)
            events.Add(time, e.Kind.ToString().ToLowerInvariant(), e.Community, string.Join(' ', e.Others), e.Vm, e.Vms > 0 ? e.Vms : null);
        if (moment.Patterns is not { } seen) return;
        foreach (Pattern pattern in seen.Found) Add(time, pattern, seen, moment.Vms);
        Add(time, moment.Neighbours, moment.Vms);
    }

    public void Dispose()
    {
        edges.Dispose();
        communities.Dispose();
        events.Dispose();
        patterns.Dispose();
    }

    private static FileInfo In(DirectoryInfo folder, string name) => new(Path.Combine(folder.FullName, name));

    private static uint? Known(Alternative candidate) => candidate.Community > 0 ? candidate.Community : null;

    private void Add(long time, NeighbourList list, IReadOnlyList<string> vms)
    {
        for (int row = 0; row < list.Rows; row++)
            for (int k = row * list.K; k < (row + 1) * list.K && list.Index[k] >= 0; k++) edges.Add(time, vms[row], vms[list.Index[k]], list.Weight[k]);
    }

    private void Add(long time, Pattern p, CellPatterns seen, IReadOnlyList<string> vms)
    {
        bool lag = p.Kind is PatternKind.Leads or PatternKind.InTurn, pair = p.Other is { IsCommunity: true };
        patterns.Add(
            time, JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Kind.ToString()), Vm(p.Subject, vms), Community(p.Subject), Vm(p.Other, vms), Community(p.Other),
            seen.StartUnixMs(p, stepMs) / 1000, p.Strength, p.Measures?.Mean, p.Measures?.Peak,
            p.Measures is { PeriodSteps: > 0 } m ? m.PeriodSteps * stepMs / 1000 : null, p.Measures?.Amplitude, p.Measures?.BurstShare, p.Measures?.SlopePerDay,
            p.Shift?.Before, p.Shift?.After, lag ? p.LagSteps * stepMs / 1000 : null, p.Kind == PatternKind.Leads ? p.Correlation : null,
            pair ? p.Episodes : null, pair ? p.Lift : null, p.Other is null ? null : p.PValue);
    }

    private static string? Vm(PatternSubject? subject, IReadOnlyList<string> vms) => subject is { IsCommunity: false } vm ? vms[vm.Number] : null;

    private static int? Community(PatternSubject? subject) => subject is { IsCommunity: true } community ? community.Number : null;
}
