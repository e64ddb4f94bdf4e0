using System.Globalization;
using Pipeline.Infra.Reports;

namespace Pipeline.Predictor.Evaluation;

/// <summary>An evaluation as a page to look at.</summary>
/// <param name="title">Model and data.</param>
/// <param name="minutesPerStep">Length of a step.</param>
/// <param name="timeOf">Start of a slot.</param>
public sealed class EvaluationReport(string title, IReadOnlyList<EvaluationResult> results, IReadOnlyList<EvaluationCurve> curves, IReadOnlyList<EvaluationExample> examples, double minutesPerStep, Func<int, DateTime> timeOf)
{
    private readonly string[] _methods = [.. results.Select(r => r.Method).Distinct()];
    private readonly int[] _horizons = [.. results.Select(r => r.HorizonSteps).Distinct().Order()];
    private readonly int[] _ages = [.. results.Select(r => r.StaleSteps).Distinct().Order()];

    /// <summary>The horizon that curves are drawn of: 30 minutes where there is one.</summary>
    private int Horizon => _horizons.MinBy(h => Math.Abs(h * minutesPerStep - 30));

    public HtmlReport Create()
    {
        EvaluationResult first = results[0];
        HtmlReport page = new HtmlReport(title)
            .Figures(("onset cases", N(first.Cases)), ("all cases", N(first.QuantileCases)), ("methods", N(_methods.Length)))
            .Text("Onset cases: VMs that are not busy now. Average precision and calibration are over them, pinball loss and coverage over all cases. When a VM's own reports are withheld its neighbours' stay.");
        Tables(page);
        Curves(page);
        ByHorizonAndAge(page);
        Examples(page);
        return page;
    }

    private void Tables(HtmlReport page)
    {
        page.Section("Accuracy");
        foreach ((string name, Func<EvaluationResult, double> measure, string format) in (ReadOnlySpan<(string, Func<EvaluationResult, double>, string)>)
        [
            ("Average precision on onsets", r => r.AveragePrecision, "F3"), ("Brier skill on onsets", r => r.BrierSkill, "F3"),
            ("Calibration error x 1000", r => 1000 * r.Ece, "F1"), ("Pinball loss, hundredths of a VM's cores", r => r.MeanPinball, "F3"),
        ])
        {
            page.Table(name + "; minutes ahead / age of own reports in minutes", ["method", .. _horizons.SelectMany(h => _ages.Select(a => $"{M(h)} / {M(a)}"))],
                _methods.Select(m => (IReadOnlyList<string>)[m, .. _horizons.SelectMany(h => _ages.Select(a => Cell(m, h, a) is { } r && double.IsFinite(measure(r)) ? measure(r).ToString(format, CultureInfo.InvariantCulture) : "-"))]));
        }
    }

    private void Curves(HtmlReport page)
    {
        page.Section("Reliability").Text("Bins of equal mass; on the diagonal a probability is what comes true. Both axes are logarithmic: most probabilities are small.");
        foreach (int age in new[] { _ages[0], _ages[^1] }.Distinct())
        {
            Plot plot = new($"Reliability, {M(Horizon)} min ahead, own reports {M(age)} min old") { X = new("forecast probability") { Log = true, Min = 1e-5, Max = 1 }, Y = new("frequency") { Log = true, Min = 1e-5, Max = 1 }, Height = 480 };
            foreach (EvaluationCurve c in At(age)) plot.Line(c.Method, c.Reliability.Select(p => Math.Max(p.Probability, 1e-5)), c.Reliability.Select(p => p.Frequency > 0 ? p.Frequency : double.NaN));
            page.Plot(plot.Line("as it should be", [1e-5, 1], [1e-5, 1], dashed: true));
        }
        page.Section("Precision and recall");
        foreach (int age in _ages)
        {
            Plot plot = new($"Onsets {M(Horizon)} min ahead, own reports {M(age)} min old") { X = new("recall") { Min = 0, Max = 1 }, Y = new("precision") { Min = 0, Max = 1 }, Height = 420 };
            foreach (EvaluationCurve c in At(age)) plot.Line(c.Method, c.PrecisionRecall.Select(p => p.Recall), c.PrecisionRecall.Select(p => p.Precision));
            page.Plot(plot);
        }

        IEnumerable<EvaluationCurve> At(int age) => curves.Where(c => c.HorizonSteps == Horizon && c.StaleSteps == age && !c.Method.EndsWith("-with-margins", StringComparison.Ordinal));
    }

    private void ByHorizonAndAge(HtmlReport page)
    {
        Plot pinball = new("Pinball loss by horizon, fresh reports") { X = new("minutes ahead"), Y = new("hundredths of a VM's cores") { Min = 0 } };
        Plot age = new($"Pinball loss by age of own reports, {M(Horizon)} min ahead") { X = new("age of own reports, minutes"), Y = new("hundredths of a VM's cores") { Min = 0 } };
        Plot precision = new($"Average precision by age of own reports, {M(Horizon)} min ahead") { X = new("age of own reports, minutes"), Y = new("average precision on onsets") { Min = 0 } };
        foreach (string method in _methods)
        {
            if (_horizons.Select(h => Cell(method, h, _ages[0])).All(r => r is not null && double.IsFinite(r.MeanPinball)))
            {
                pinball.Line(method, _horizons.Select(h => h * minutesPerStep), _horizons.Select(h => Cell(method, h, _ages[0])!.MeanPinball));
                age.Line(method, _ages.Select(a => a * minutesPerStep), _ages.Select(a => Cell(method, Horizon, a)!.MeanPinball));
            }
            if (!method.EndsWith("-with-margins", StringComparison.Ordinal))
                precision.Line(method, _ages.Select(a => a * minutesPerStep), _ages.Select(a => Cell(method, Horizon, a)?.AveragePrecision));
        }
        page.Section("Error by horizon and staleness").Plot(pinball).Plot(age).Plot(precision);
    }

    private void Examples(HtmlReport page)
    {
        if (examples.Count == 0) return;
        page.Section("Examples").Text("VMs that became busy often in the time shown, and some that did so less often.");
        foreach (EvaluationExample example in examples)
        {
            DateTime[] times = [.. example.Points.Select(p => timeOf(p.Slot))];
            page.Plot(new Plot($"{example.Vm}, {M(example.HorizonSteps)} min ahead") { X = new("time"), Y = new("share of cores, probability") { Min = 0, Max = 1 }, Height = 320 }
                .Line("utilisation", times, example.Points.Select(p => p.Utilization))
                .Line("peak that came", times, example.Points.Select(p => p.Peak))
                .Line("median forecast", times, example.Points.Select(p => p.Low))
                .Line("highest quantile forecast", times, example.Points.Select(p => p.High))
                .Line("probability of being busy", times, example.Points.Select(p => p.Busy), dashed: true));
        }
    }

    private EvaluationResult? Cell(string method, int horizon, int age) => results.FirstOrDefault(r => r.Method == method && r.HorizonSteps == horizon && r.StaleSteps == age);

    private string M(int steps) => N(steps * minutesPerStep);

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
