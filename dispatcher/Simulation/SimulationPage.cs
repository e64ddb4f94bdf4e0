using System.Globalization;
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
        page.Figures(
            ("runs", runs.Count.ToString(CultureInfo.InvariantCulture)),
            ("calls", runs.Sum(r => (long)r.Measures.Invocations).ToString("N0", CultureInfo.InvariantCulture)),
            ("scenarios", runs.Select(r => (r.Variant, r.Load, r.StaleMinutes, r.Seed)).Distinct().Count().ToString(CultureInfo.InvariantCulture)));
        if (marks is not null)
            page.Section("Marks").Table("What was to be shown", ["mark", "wanted", "measured", ""], marks.Select(m => (IReadOnlyList<string>)[m.What, Number(m.Wanted, 3), Number(m.Measured, 3), m.Passed ? "passed" : "missed"]));
        foreach (var same in runs.GroupBy(r => (r.Variant, r.Load, r.StaleMinutes)))
        {
            page.Section(string.Create(CultureInfo.InvariantCulture, $"{same.Key.Variant} load {same.Key.Load}, reports {same.Key.StaleMinutes} min old").Trim());
            Add(page, [.. same], [.. headroom.Where(h => (h.Variant, h.Load, h.StaleMinutes) == same.Key)]);
        }
        return page;
    }

    private static void Add(HtmlReport page, SimulationRun[] runs, Headroom[] headroom)
    {
        (string Name, Measures[] Measures)[] groups = [.. runs.GroupBy(r => $"{r.Policy}, {r.Signal}").Select(g => (g.Key, g.Select(r => r.Measures).ToArray())).OrderBy(g => g.Item2.Average(m => m.MeanResponseS))];
        string[] names = [.. groups.Select(g => g.Name)];
        page.Plot(new Plot("Response by policy and signal") { X = new PlotAxis(""), Y = new PlotAxis("seconds") { Log = true }, Height = 480 }
            .Bar("mean", names, groups.Select(g => g.Measures.Average(m => m.MeanResponseS)))
            .Bar("p99", names, groups.Select(g => g.Measures.Average(m => m.P99))));
        if (headroom.Length > 0)
        {
            Plot recovered = new("Headroom recovered, with 95 % interval") { X = new PlotAxis(""), Y = new PlotAxis("%") { Min = -50, Max = 130 }, Height = 480 };
            foreach (string measure in (string[])[Headroom.Mean, Headroom.P99])
            {
                Headroom[] of = [.. headroom.Where(h => h.Measure == measure).OrderByDescending(h => h.Recovered)];
                string[] x = [.. of.Select(h => $"{h.Policy}, {h.Signal}")];
                recovered.Scatter(measure, x, of.Select(h => h.Recovered * 100)).Scatter($"{measure}, low", x, of.Select(h => h.Low * 100)).Scatter($"{measure}, high", x, of.Select(h => h.High * 100));
            }
            page.Plot(recovered);
            page.Table("Headroom recovered, %", ["policy", "signal", "measure", "headroom", "recovered", "low", "high", "over feedback alone, %"], headroom.Select(h => (IReadOnlyList<string>)
            [
                h.Policy, h.Signal, h.Measure, Number(h.Share * 100, 1), Number(h.Recovered * 100, 1), Number(h.Low * 100, 1), Number(h.High * 100, 1),
                h.OverFeedbackAlone is { } over ? $"{Number(over * 100, 2)} [{Number(h.OverFeedbackAloneLow!.Value * 100, 2)}, {Number(h.OverFeedbackAloneHigh!.Value * 100, 2)}]" : "-",
            ]));
        }
        page.Table(
            "Means over seeds", ["policy and signal", "mean s", "p50", "p95", "p99", "slowdown", "p99 slowdown", "cold %", "missed %", "goodput /s", "goodput share", "CV work", "Jain", "VM hours", "rejected"],
            groups.Select(g =>
            {
                string Mean(Func<Measures, double> read, int digits) => Number(g.Measures.Average(read), digits);
                return (IReadOnlyList<string>)
                [
                    g.Name, Mean(m => m.MeanResponseS, 3), Mean(m => m.P50, 3), Mean(m => m.P95, 2), Mean(m => m.P99, 2), Mean(m => m.MeanSlowdown, 2), Mean(m => m.P99Slowdown, 1),
                    Mean(m => m.ColdShare * 100, 2), Mean(m => m.DeadlineMisses * 100, 2), Mean(m => m.Goodput, 1), Mean(m => m.GoodputShare, 3), Mean(m => m.CvWork, 3), Mean(m => m.Jain, 3),
                    Mean(m => m.VmHours, 1), g.Measures.Sum(m => m.Rejected).ToString(CultureInfo.InvariantCulture),
                ];
            }));
    }

    private static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
