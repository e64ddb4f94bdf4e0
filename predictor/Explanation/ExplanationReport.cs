using System.Globalization;
using Pipeline.Infra.Reports;

namespace Pipeline.Predictor.Explanation;

/// <summary>An explanation as a page to look at.</summary>
public static class ExplanationReport
{
    public static HtmlReport Of(Explained e)
    {
        int highest = e.Signature.Levels.Count - 1, h = e.Horizon;
        HtmlReport page = new HtmlReport($"{e.Vm} at {Time(0):yyyy-MM-dd HH:mm} UTC")
            .Figures(
                ($"median, {Number(e.Minutes(h))} min", Share(e.Quantile(h, 0))),
                ($"{Number(100 * e.Signature.Levels[highest])} % quantile", Share(e.Quantile(h, highest))),
                ("probability of becoming busy", e.Busy[h].ToString("P1", CultureInfo.InvariantCulture)))
            .Text($"Cell {e.Cell}, model {e.Model}.");
        foreach (string note in e.Notes) page.Text(note);
        page.Section("Window and forecast").Plot(Forecast(e));
        page.Section("What it comes from").Text(
            $"By how much each part raises the forecast of the peak over the next {Number(e.Minutes(h))} minutes: the forecast less what it is without that part. Parts that say the same hide each other, so effects do not add up.");
        page.Plot(Effects(e, "Parts of the inputs", e.Parts));
        if (e.Neighbours.Any())
        {
            page.Plot(Effects(e, "Neighbours", e.Neighbours));
            page.Table("Neighbours", ["VM", "weight", "utilisation now", "effect on median", "effect on highest quantile", "effect on P(busy)"], e.Neighbours.Select(d =>
                (IReadOnlyList<string>)[d.Name, Cell(d.Weight, "F2"), Cell(d.Utilization, "F3"), Cell(e.EffectOn(d, 0), "F4"), Cell(e.EffectOn(d, highest), "F4"), Cell(e.EffectOnBusy(d), "F4")]));
        }
        return page;

        DateTime Time(double minutes) => DateTimeOffset.FromUnixTimeMilliseconds(e.StepEndUnixMs).UtcDateTime.AddMinutes(minutes);
    }

    private static Plot Forecast(Explained e)
    {
        DateTime end = DateTimeOffset.FromUnixTimeMilliseconds(e.StepEndUnixMs).UtcDateTime;
        double step = e.Signature.StepMs / 60_000.0;
        DateTime[] past = [.. e.Window.Select((_, t) => end.AddMinutes((t - e.Window.Length + 1) * step))];
        int[] horizons = [.. Enumerable.Range(0, e.Signature.HorizonSteps.Count)];
        DateTime[] ahead = [.. horizons.Select(h => end.AddMinutes(e.Minutes(h)))];
        Plot plot = new Plot("Own utilisation, and forecast of the peak until then") { X = new("time"), Y = new("share of cores") { Min = 0, Max = 1 } }.Line("utilisation", past, e.Window);
        for (int q = 0; q < e.Signature.Levels.Count; q++) plot.Line($"{Number(100 * e.Signature.Levels[q])} % quantile", ahead, horizons.Select(h => e.Quantile(h, q)));
        plot.Line("probability of becoming busy", ahead, e.Busy, dashed: true);
        return e.Peak is null ? plot : plot.Scatter("peak that came", ahead, e.Peak);
    }

    private static Plot Effects(Explained e, string title, IEnumerable<Driver> drivers)
    {
        Driver[] all = [.. drivers];
        return new Plot(title) { X = new(""), Y = new("shares of cores, probability") }
            .Bar("median", all.Select(d => d.Name), all.Select(d => e.EffectOn(d, 0)))
            .Bar("highest quantile", all.Select(d => d.Name), all.Select(d => e.EffectOn(d, e.Signature.Levels.Count - 1)))
            .Bar("P(busy)", all.Select(d => d.Name), all.Select(e.EffectOnBusy));
    }

    private static string Cell(float value, string format) => float.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Share(float value) => value.ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
