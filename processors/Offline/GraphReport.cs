using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.Reports;
using Pipeline.Infra.Traces;
using Pipeline.Processors.Communities;
using Pipeline.Processors.Patterns;
using Pipeline.Processors.Similarity;
using Pipeline.Schemas;
using Pattern = Pipeline.Processors.Patterns.Pattern;

namespace Pipeline.Processors.Offline;

/// <summary>The page about a trace: communities over time, the fleet's map, its load in the order of communities, and what was recognised in it.</summary>
internal sealed class GraphReport(FleetTrace trace)
{
    /// <summary>What a page holds at most; more is thinned out evenly, or the strongest are shown.</summary>
    private const int FlowVmsMax = 2000, MapVmsMax = 3000, MapLinksMax = 4000, HeatVmsMax = 500, HeatColumnsMax = 360, TableRowsMax = 25, ExamplesMax = 4;

    private readonly List<(DateTime Time, Dictionary<string, uint> CommunityOf)> days = [];
    private readonly List<(DateTime Time, CommunityEvent Event)> events = [];
    private GraphMoment? last;
    private GraphMoment? lastPatterns;
    private int graphs;

    public void Add(GraphMoment moment)
    {
        graphs++;
        last = moment;
        events.AddRange(moment.Communities.Events.Select(e => (Utc(moment.UnixMs), e)));
        if (moment.Patterns is null) return;
        lastPatterns = moment;
        days.Add((Utc(moment.UnixMs), Enumerable.Range(0, moment.Vms.Count).ToDictionary(i => moment.Vms[i], i => Standing(moment, i) ? moment.Communities.Ids[i] : 0)));
    }

    public HtmlReport ToHtml(string name, Churn churn)
    {
        HtmlReport page = new HtmlReport($"Communities and patterns of {name}");
        if (last is not { } now || lastPatterns is not { } seen)
            return page.Text($"The trace is too short: a graph needs {History.HistoryOptions.WindowSteps} steps and a few that may still be revised.");
        double vmDays = churn.Compared / (double)graphs * (now.UnixMs - trace.StartUnixMs) / 86_400_000;
        page.Text("Communities are VMs whose CPU load changes at the same moments: found in a graph of correlations that is made anew every hour, and followed from graph to graph. All times are UTC.")
            .Figures(
                ("VMs", N(trace.Vms.Count)), ("days", N((now.UnixMs - trace.StartUnixMs) / 86_400_000.0)), ("graphs", N(graphs)), ("communities at the end", N(now.Communities.Standings.Count)),
                ("VMs in none", N(Enumerable.Range(0, now.Vms.Count).Count(i => !Standing(now, i)))), ("modularity", F(now.Communities.Modularity)),
                ("changes of number, per VM and day", F(churn.Changed / vmDays)), ("of these without cause", F(churn.WithoutCause / vmDays)));
        AddFlow(page);
        AddEvents(page);
        AddMap(page, now);
        AddHeatMap(page, now);
        AddCommunities(page, seen);
        AddPatterns(page, seen);
        return page;
    }

    private void AddFlow(HtmlReport page)
    {
        int every = (trace.Vms.Count + FlowVmsMax - 1) / FlowVmsMax;
        string[] vms = [.. trace.Vms.Order(StringComparer.Ordinal).Where((_, i) => i % every == 0)];
        uint[] numbers = [.. days.SelectMany(d => d.CommunityOf.Values).Distinct().Order()];
        int[][] members = [.. days.Select(d => vms.Select(vm => d.CommunityOf.TryGetValue(vm, out uint id) ? Array.BinarySearch(numbers, id) : -1).ToArray())];
        page.Section("Communities over time")
            .Text("Each day's communities, stacked as high as they have VMs, and where their VMs were the next day. Grey: VMs that fit nowhere and are alone. Colours repeat; the pointer tells the number.")
            .Plot(new Plot("VMs from day to day") { X = new("time"), Y = new(every > 1 ? $"VMs, one of {every}" : "VMs"), Height = 640, Legend = false }
                .Flow([.. days.Select(d => d.Time)], members, [.. numbers.Select(Name)], muted: Array.IndexOf(numbers, 0u)));
    }

    private void AddEvents(HtmlReport page)
    {
        Plot plot = new("Events a day") { X = new("time"), Y = new("events") };
        DateTime[] dates = [.. events.Select(e => e.Time.Date).Distinct().Order()];
        foreach (CommunityEvent.Types.Kind kind in Enum.GetValues<CommunityEvent.Types.Kind>().Where(k => events.Any(e => e.Event.Kind == k)))
            plot.Bar(Snake(kind), dates, dates.Select(d => events.Count(e => e.Time.Date == d && e.Event.Kind == kind)));
        page.Plot(plot);
    }

    private static void AddMap(HtmlReport page, GraphMoment now)
    {
        int every = (now.Vms.Count + MapVmsMax - 1) / MapVmsMax;
        int[] shown = [.. Enumerable.Range(0, now.Vms.Count).Where(i => i % every == 0)];
        int[][] groups = [.. shown.Where(i => Standing(now, i)).GroupBy(i => now.Communities.Ids[i]).OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => g.OrderByDescending(i => now.Communities.Memberships[i].Share).ThenBy(i => i).ToArray())];
        int[] groupOf = new int[now.Vms.Count];
        Array.Fill(groupOf, -1);
        for (int g = 0; g < groups.Length; g++)
            foreach (int row in groups[g]) groupOf[row] = g;
        double[,] links = new double[groups.Length, groups.Length];
        List<(int From, int To, float Weight)> edges = [];
        NeighbourList list = now.Neighbours;
        for (int row = 0; row < list.Rows; row++)
        {
            for (int k = row * list.K; k < (row + 1) * list.K && list.Index[k] is >= 0 and int other; k++)
            {
                if (row % every == 0 && other % every == 0) edges.Add((row, other, list.Weight[k]));
                if (groupOf[row] >= 0 && groupOf[other] >= 0 && groupOf[row] != groupOf[other])
                    (links[groupOf[row], groupOf[other]], links[groupOf[other], groupOf[row]]) = (links[groupOf[row], groupOf[other]] + list.Weight[k], links[groupOf[other], groupOf[row]] + list.Weight[k]);
            }
        }
        int[] placeOf = new int[now.Vms.Count];
        for (int i = 0; i < shown.Length; i++) placeOf[shown[i]] = i;
        (double[] x, double[] y) = CommunityLayout.Place(groups, links, [.. shown.Where(i => groupOf[i] < 0)], now.Vms.Count);
        page.Section("The fleet's map")
            .Text($"At the end of the trace. Each disc is a community, its firmest members in the middle; discs are near each other when VMs of both correlate. VMs in the ring are alone. Lines are the {Math.Min(edges.Count, MapLinksMax)} strongest edges.")
            .Plot(new Plot("VMs and their edges") { Height = 720, Legend = false }.Network(
                [.. shown.Select(i => x[i])], [.. shown.Select(i => y[i])], [.. shown.Select(i => now.Vms[i])], [.. shown.Select(i => groupOf[i] < 0 ? Name(0) : Name(now.Communities.Ids[i]))],
                edges.OrderByDescending(e => e.Weight).Take(MapLinksMax).Select(e => (placeOf[e.From], placeOf[e.To])), muted: Name(0)));
    }

    private void AddHeatMap(HtmlReport page, GraphMoment now)
    {
        Dictionary<string, int> columns = trace.Vms.Index().ToDictionary(v => v.Item, v => v.Index);
        Dictionary<uint, int> sizes = now.Communities.Ids.CountBy(id => id).ToDictionary();
        int[] rows = [.. Enumerable.Range(0, now.Vms.Count).OrderByDescending(i => sizes[now.Communities.Ids[i]]).ThenBy(i => now.Communities.Ids[i]).ThenBy(i => i)];
        int every = (rows.Length + HeatVmsMax - 1) / HeatVmsMax, bucket = (trace.SlotCount + HeatColumnsMax - 1) / HeatColumnsMax, buckets = trace.SlotCount / bucket;
        rows = [.. rows.Where((_, i) => i % every == 0)];
        page.Section("Load in the order of communities")
            .Text($"Own CPU utilisation, mean of {bucket * trace.SlotMs / 60_000} minutes; largest community first (the strip at the side), VMs that are alone last.{(every > 1 ? $" One VM of {every}." : "")}")
            .Plot(new Plot("Own CPU utilisation") { X = new("time"), Height = Math.Max(300, 120 + (3 * rows.Length)) }.HeatMap(
                Enumerable.Range(0, buckets).Select(b => Utc(trace.SlotStartUnixMs(b * bucket))), [.. rows.Select(i => now.Vms[i])],
                rows.Select(i => Enumerable.Range(0, buckets).Select(b => Mean(columns[now.Vms[i]], b * bucket, bucket))), "share of cores", min: 0, max: 1,
                categories: [.. rows.Select(i => Standing(now, i) ? Name(now.Communities.Ids[i]) : Name(0))]));
    }

    private void AddCommunities(HtmlReport page, GraphMoment seen)
    {
        Dictionary<int, Pattern> kinds = seen.Patterns!.Found.Where(p => p.Subject.IsCommunity && p.Measures is not null).ToDictionary(p => p.Subject.Number);
        page.Section("The largest communities").Table(
            "At the end of the trace; stability: how much of a community is found again with other seeds; membership: mean share of its VMs' edges that stay inside",
            ["community", "VMs", "stability", "membership", "since", "kind", "mean CPU, %", "peak of the mean, %", "period, h"],
            seen.Communities.Ids.Index().Where(v => Standing(seen, v.Index)).GroupBy(v => v.Item).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Take(TableRowsMax).Select(g =>
            {
                SeriesMeasures? m = kinds.TryGetValue((int)g.Key, out Pattern? kind) ? kind.Measures : null;
                return (IReadOnlyList<string>)
                [
                    N(g.Key), N(g.Count()), F(seen.Communities.Standings[g.Key].Stability), F(g.Average(v => seen.Communities.Memberships[v.Index].Share)),
                    Utc(g.Min(v => seen.Communities.SinceUnixMs[v.Index])).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture),
                    kind is null ? "-" : Snake(kind.Kind), m is null ? "-" : N(100 * m.Value.Mean), m is null ? "-" : N(100 * m.Value.Peak), m is { PeriodSteps: > 0 } ? F(Hours(m.Value.PeriodSteps)) : "-",
                ];
            }));
    }

    private void AddPatterns(HtmlReport page, GraphMoment seen)
    {
        IReadOnlyList<Pattern> found = seen.Patterns!.Found;
        Pattern[] kinds = [.. found.Where(p => p.Measures is not null && !p.Subject.IsCommunity)];
        IGrouping<PatternKind, Pattern>[] groups = [.. kinds.GroupBy(p => p.Kind).OrderByDescending(g => g.Count())];
        page.Section("What VMs do")
            .Text($"Kinds of the last {N(Hours(seen.Patterns.Steps) / 24)} days: idle (99 % of the time below 5 %), steady, periodic, bursty, trending, or nothing of this.")
            .Plot(new Plot("Kinds of VMs") { X = new(""), Y = new("VMs"), Height = 300 }.Bar("VMs", groups.Select(g => Snake(g.Key)), groups.Select(g => g.Count())));
        foreach (Pattern p in kinds.Where(p => p.Kind == PatternKind.Periodic).OrderByDescending(p => p.Strength * p.Measures!.Value.Amplitude).Take(2))
            page.Plot(Series($"{Vm(p, seen)}: periodic, every {F(Hours(p.Measures!.Value.PeriodSteps))} h, correlation of the cycles {F(p.Measures.Value.PeriodCorrelation)}", seen, p.Subject));
        Pattern[] shifts = [.. found.Where(p => p.Shift is not null && !p.Subject.IsCommunity).OrderByDescending(p => p.Strength * Math.Abs(p.Shift!.Value.Magnitude))];
        page.Section("Level shifts").Text($"{N(shifts.Length)} on {N(shifts.Select(p => p.Subject).Distinct().Count())} VMs; the clearest:");
        foreach (IGrouping<PatternSubject, Pattern> of in shifts.GroupBy(p => p.Subject).Take(ExamplesMax)) page.Plot(Shifted(seen, of.Key, [.. of.OrderBy(p => p.StartStep)]));
        AddPairs(page, seen, found);
    }

    private void AddPairs(HtmlReport page, GraphMoment seen, IReadOnlyList<Pattern> found)
    {
        Pattern[] leads = [.. found.Where(p => p.Kind == PatternKind.Leads).OrderByDescending(p => p.Strength)];
        page.Section("Leaders and followers").Text(leads.Length == 0 ? "None: no VM's load follows another's after some minutes more than chance has it." : $"{N(leads.Length)}; what the first does the other does later (a negative correlation: the opposite).");
        if (leads.Length > 0)
        {
            page.Table("The strongest", ["leader", "follower", "minutes later", "correlation", "p"], leads.Take(TableRowsMax).Select(p => (IReadOnlyList<string>)
                [Vm(p, seen), seen.Vms[p.Other!.Value.Number], N(Hours(p.LagSteps) * 60), F(p.Correlation), p.PValue.ToString("0.0e+0", CultureInfo.InvariantCulture)]));
        }
        Pattern[] bursts = [.. found.Where(p => p.Kind is PatternKind.Together or PatternKind.InTurn or PatternKind.Exclusive).OrderByDescending(p => p.Strength)];
        page.Section("Bursts of communities").Text(bursts.Length == 0 ? "No two communities burst together, in turn or at different times more than chance has it." : $"{N(bursts.Length)} pairs.");
        if (bursts.Length > 0)
        {
            page.Table("The strongest", ["community", "other", "how", "minutes later", "episodes", "times chance", "p"], bursts.Take(TableRowsMax).Select(p => (IReadOnlyList<string>)
                [N(p.Subject.Number), N(p.Other!.Value.Number), Snake(p.Kind), N(Hours(p.LagSteps) * 60), N(p.Episodes), F(p.Lift), p.PValue.ToString("0.0e+0", CultureInfo.InvariantCulture)]));
        }
    }

    private Plot Shifted(GraphMoment seen, PatternSubject subject, Pattern[] shifts)
    {
        Plot plot = Series($"{seen.Vms[subject.Number]}: {string.Join(", ", shifts.Select(p => $"{N(100 * p.Shift!.Value.Before)} → {N(100 * p.Shift!.Value.After)} %"))}", seen, subject);
        // Each level as long as it lasts.
        List<DateTime> x = [Utc(seen.Patterns!.StartUnixMs(shifts[0] with { StartStep = 0 }, trace.SlotMs))];
        List<double> y = [shifts[0].Shift!.Value.Before];
        foreach (Pattern p in shifts)
        {
            DateTime at = Utc(seen.Patterns.StartUnixMs(p, trace.SlotMs));
            x.AddRange([at, at]);
            y.AddRange([p.Shift!.Value.Before, p.Shift!.Value.After]);
        }
        x.Add(Utc(seen.Patterns.Newest * trace.SlotMs));
        y.Add(shifts[^1].Shift!.Value.After);
        return plot.Line("level", x, y);
    }

    private Plot Series(string title, GraphMoment seen, PatternSubject subject)
    {
        int column = trace.Vms.ToList().IndexOf(seen.Vms[subject.Number]), lastSlot = trace.SlotAt(seen.UnixMs - 1), first = Math.Max(0, lastSlot - seen.Patterns!.Steps + 1);
        int[] slots = [.. Enumerable.Range(first, lastSlot - first + 1)];
        return new Plot(title) { X = new("time"), Y = new("share of cores") { Min = 0 }, Height = 260 }
            .Line("CPU utilisation", slots.Select(s => Utc(trace.SlotStartUnixMs(s))), slots.Select(s => trace.CpuAt(s, column)));
    }

    private double Mean(int column, int first, int slots)
    {
        (double sum, int known) = (0, 0);
        for (int slot = first; slot < first + slots; slot++)
            if (trace.CpuAt(slot, column) is var cpu && float.IsFinite(cpu)) (sum, known) = (sum + cpu, known + 1);
        return known == 0 ? double.NaN : sum / known;
    }

    private double Hours(double steps) => steps * trace.SlotMs / 3_600_000;

    private static string Vm(Pattern pattern, GraphMoment seen) => seen.Vms[pattern.Subject.Number];

    private static bool Standing(GraphMoment moment, int row) => moment.Communities.Standings.ContainsKey(moment.Communities.Ids[row]);

    private static string Name(uint community) => community == 0 ? "alone" : $"community {community}";

    private static string Snake<T>(T kind)
        where T : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()).Replace('_', ' ');

    private static DateTime Utc(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
