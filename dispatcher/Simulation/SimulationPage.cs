using System.Globalization;
using Pipeline.Dispatcher.Policies;
using Pipeline.Infra.Reports;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>Writes <c>simulation.html</c>.</summary>
public static class SimulationPage
{
    public static HtmlReport Of(IReadOnlyList<SimulationRun> runs, IReadOnlyList<Mark>? marks, Preset? preset)
    {
        IReadOnlyList<Headroom> headroom = Headroom.Of(runs);
        HtmlReport page = new(preset is null ? "Simulation" : $"Simulation: {preset.Name}");
        if (preset is not null) page.Text(preset.Description);
        page.Text("Ours is expected-completion-time with what it is told of the VMs' own load (signal). Baseline of the headroom: ours without a signal; its end: ours with the load of the step that begins (oracle).");
        page.Figures(
            ("runs", runs.Count.ToString(CultureInfo.InvariantCulture)),
            ("calls", runs.Sum(r => (long)r.Measures.Invocations).ToString("N0", CultureInfo.InvariantCulture)),
            ("scenarios", runs.Select(r => (r.Variant, r.Load, r.StaleMinutes, r.Seed)).Distinct().Count().ToString(CultureInfo.InvariantCulture)));
        if (marks is not null)
            page.Section("Marks").Table("What was to be shown", ["", "mark", "wanted", "measured"], marks.Select(m => (IReadOnlyList<string>)[m.Passed ? "✓ passed" : "✗ missed", m.What, (m.AtMostWanted ? "≤ " : "≥ ") + Number(m.Wanted, 3), Number(m.Measured, 4)]));
        (string Variant, double Load, int StaleMinutes)[] sections = [.. runs.Select(SectionOf).Distinct()];
        if (sections.Length > 1) AddOverview(page, sections, headroom);
        foreach (var section in sections)
        {
            page.Section(NameOf(section));
            Add(page, [.. runs.Where(r => SectionOf(r) == section)], [.. headroom.Where(h => (h.Variant, h.Load, h.StaleMinutes) == section)]);
        }
        return page;
    }

    // What was varied, side by side.
    private static void AddOverview(HtmlReport page, (string Variant, double Load, int StaleMinutes)[] sections, IReadOnlyList<Headroom> headroom)
    {
        Headroom[] of = [.. headroom.Where(h => h is { Policy: ExpectedCompletionTimePolicy.PolicyName, Measure: Headroom.Mean } && h.Signal is not (Signal.None or Signal.Oracle))];
        if (of.Length == 0) return;
        page.Section("Overview");
        Plot plot = new("Headroom of the mean response recovered, with 95 % interval") { X = new PlotAxis(""), Y = new PlotAxis("%"), Height = 480 };
        foreach (string signal in of.Select(h => h.Signal).Distinct())
        {
            Headroom[] own = [.. of.Where(h => h.Signal == signal)];
            plot.Points(signal, own.Select(h => NameOf((h.Variant, h.Load, h.StaleMinutes))), own.Select(h => h.Recovered * 100), own.Select(h => h.Low * 100), own.Select(h => h.High * 100));
        }
        page.Plot(plot);
        page.Table("The headroom itself: how much less time with the load of the coming step known", ["", "mean response, %", "p99, %"], sections.Select(s => (IReadOnlyList<string>)
            [NameOf(s), Share(s, Headroom.Mean), Share(s, Headroom.P99)]));

        string Share((string, double, int) section, string measure) => ShareOf(headroom.Where(h => (h.Variant, h.Load, h.StaleMinutes) == section), measure);
    }

    private static (string Variant, double Load, int StaleMinutes) SectionOf(SimulationRun run) => (run.Variant, run.Load, run.StaleMinutes);

    private static string NameOf((string Variant, double Load, int StaleMinutes) section) => string.Join(", ", ((string[])
    [
        section.Variant,
        string.Create(CultureInfo.InvariantCulture, $"load {section.Load}"),
        section.StaleMinutes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"reports {section.StaleMinutes} min old"),
    ]).Where(part => part.Length > 0));

    // Other policies are run with one signal only, if with any.
    private static string LabelOf(string policy, string signal, bool alone) => policy != ExpectedCompletionTimePolicy.PolicyName ? policy : alone ? signal : $"ours: {signal}";

    private static void Add(HtmlReport page, SimulationRun[] runs, Headroom[] headroom)
    {
        bool alone = runs.Select(r => r.Policy).Distinct().Count() == 1;
        (string Name, Measures[] Measures)[] groups = [.. runs.GroupBy(r => LabelOf(r.Policy, r.Signal, alone)).Select(g => (g.Key, g.Select(r => r.Measures).ToArray())).OrderBy(g => g.Item2.Average(m => m.MeanResponseS))];
        string[] names = [.. groups.Select(g => g.Name)];
        Plot responses = new("Response, from the shortest mean to the longest") { X = new PlotAxis(""), Y = new PlotAxis("seconds") { Log = true }, Height = 440 };
        foreach ((string name, Func<Measures, double> read) in ((string, Func<Measures, double>)[])[("median", m => m.P50), ("mean", m => m.MeanResponseS), ("95 %", m => m.P95), ("99 %", m => m.P99)])
            responses.Points(name, names, groups.Select(g => g.Measures.Average(read)));
        page.Plot(responses);
        if (headroom.Length > 0)
        {
            Plot recovered = new("Headroom recovered, with 95 % interval") { X = new PlotAxis(""), Y = new PlotAxis("%") { Min = -50, Max = 150 }, Height = 440 };
            foreach ((string measure, string name) in ((string, string)[])[(Headroom.Mean, "mean"), (Headroom.P99, "99 %")])
            {
                // What is far worse than the baseline is in the table.
                Headroom[] of = [.. headroom.Where(h => h.Measure == measure && h.Recovered > -.5).OrderByDescending(h => h.Recovered)];
                recovered.Points(name, of.Select(h => LabelOf(h.Policy, h.Signal, alone)), of.Select(h => h.Recovered * 100), of.Select(h => h.Low * 100), of.Select(h => h.High * 100));
            }
            page.Plot(recovered);
            page.Table(
                $"Headroom recovered, % [95 % interval]; the headroom itself: {ShareOf(headroom, Headroom.Mean)} % of the mean, {ShareOf(headroom, Headroom.P99)} % of the 99 % quantile",
                [alone ? "signal" : "policy", "of the mean", "of the 99 % quantile", "mean response over that of feedback alone, %"],
                headroom.GroupBy(h => LabelOf(h.Policy, h.Signal, alone)).OrderByDescending(g => g.First().Recovered).Select(g => (IReadOnlyList<string>)
                [
                    g.Key, Recovered(g, Headroom.Mean), Recovered(g, Headroom.P99),
                    g.FirstOrDefault(h => h.Measure == Headroom.Mean) is { OverFeedbackAlone: { } over } h ? Interval(over, h.OverFeedbackAloneLow!.Value, h.OverFeedbackAloneHigh!.Value, 2) : "-",
                ]));
        }
        AddMeans(page, groups, "Means over seeds: response", alone,
        [
            ("mean s", 3, m => m.MeanResponseS), ("p50 s", 3, m => m.P50), ("p95 s", 2, m => m.P95), ("p99 s", 2, m => m.P99), ("slowdown", 2, m => m.MeanSlowdown), ("p99 slowdown", 1, m => m.P99Slowdown),
            ("deadline missed %", 2, m => m.DeadlineMisses * 100), ("cold %", 2, m => m.ColdShare * 100),
        ]);
        AddMeans(page, groups, "Means over seeds: work", alone,
        [
            ("rejected", 0, m => m.Rejected), ("goodput /s", 1, m => m.Goodput), ("share of the free cores", 3, m => m.GoodputShare), ("of it in time", 3, m => m.GoodputInTimeShare),
            ("variation over VMs", 3, m => m.CvWork), ("Jain over tenants", 3, m => m.Jain), ("VM hours", 1, m => m.VmHours),
            .. runs.Any(r => r.Measures.P99Others > 0) ? [("p99 of the others in the burst, s", 2, m => m.P99Others)] : ((string, int, Func<Measures, double>)[])[],
        ]);
    }

    private static void AddMeans(HtmlReport page, (string Name, Measures[] Measures)[] groups, string caption, bool alone, (string Name, int Digits, Func<Measures, double> Read)[] columns) => page.Table(
        caption, [alone ? "signal" : "policy", .. columns.Select(c => c.Name)], groups.Select(g => (IReadOnlyList<string>)[g.Name, .. columns.Select(c => Number(g.Measures.Average(c.Read), c.Digits))]));

    private static string Recovered(IEnumerable<Headroom> headroom, string measure) => headroom.FirstOrDefault(h => h.Measure == measure) is { } found ? Interval(found.Recovered, found.Low, found.High, 0) : "-";

    private static string ShareOf(IEnumerable<Headroom> headroom, string measure) => headroom.FirstOrDefault(h => h.Measure == measure) is { } found ? Number(found.Share * 100, 1) : "-";

    private static string Interval(double value, double low, double high, int digits) => $"{Number(value * 100, digits)} [{Number(low * 100, digits)}, {Number(high * 100, digits)}]";

    private static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
