using System.Globalization;
using Pipeline.Infra.Reports;
using Pipeline.Infra.Traces;

namespace Pipeline.Processors.TimeAware;

/// <summary>The page about a back-test.</summary>
internal static class BacktestReport
{
    public static HtmlReport Make(Backtest test, BacktestResult result, FleetTrace trace, BacktestOptions options)
    {
        HtmlReport report = new($"Back-test of time-aware advice: {result.Trace}");
        MethodResult own = result.Methods[Methods.Advise];
        report.Text($"{result.Vms} VMs, {result.Communities} communities; slots {result.FirstSlot} to {result.LastSlot} of {trace.SlotMs / 1000} s were judged by what had come before each.");
        foreach (string note in result.Notes) report.Text("Note: " + note + ".");
        report.Figures(
            ("window right", Percent(own.WindowRight)),
            ("window right on varying days", Percent(own.WindowRightVarying)),
            ("within the 80 % interval", Percent(own.Coverage80)),
            ("within the 95 % interval", Percent(own.Coverage95)),
            ("shortage at the reactive rule's cost", own.ShortageMinutesAtEqualCost is { } m ? $"{Number(m)} min" : "-"));
        report.Table(
            "All methods",
            ["method", "window right", "on varying days", "load within bound", "coverage 80", "coverage 95", "width 95", "mean error", "shortage, min", "wasted, core-h", "core-h", "shortage at equal cost, min"],
            result.Methods.Select(r => (IReadOnlyList<string>)
            [
                r.Key, Percent(r.Value.WindowRight), Percent(r.Value.WindowRightVarying), Percent(r.Value.WindowLoadWithinBound), Percent(r.Value.Coverage80), Percent(r.Value.Coverage95),
                Percent(r.Value.Width95), Percent(r.Value.MeanAbsoluteError), Number(r.Value.ShortageMinutes), Number(r.Value.WastedCoreHours), Number(r.Value.CoreHours), Number(r.Value.ShortageMinutesAtEqualCost),
            ]));
        if (result.VaryingVmDays > 0) report.Section("Windows of lowest load").Plot(Regrets(test.Windows));
        (int Ahead, double Share80, double Share95)[] horizons = [.. test.Coverage.ByHorizon];
        if (horizons.Length > 0)
        {
            double hours = options.SlotMinutes / 60.0;
            double[] ahead = [.. horizons.Select(h => h.Ahead * hours)];
            report.Section("Coverage of intervals").Plot(new Plot("Share of what came within the interval") { X = new("hours ahead"), Y = new("share") }
                .Line("80 %", ahead, horizons.Select(h => h.Share80)).Line("95 %", ahead, horizons.Select(h => h.Share95))
                .Line("nominal 80 %", ahead, ahead.Select(_ => .8), dashed: true).Line("nominal 95 %", ahead, ahead.Select(_ => .95), dashed: true));
        }
        if (test.Scaling.Example.Demand.Length > 0)
        {
            DateTime[] times = [.. Enumerable.Range(options.First, test.Scaling.Example.Demand.Length).Select(s => DateTimeOffset.FromUnixTimeMilliseconds(trace.SlotStartUnixMs(s)).UtcDateTime)];
            report.Section("Scaling").Plot(new Plot("The whole cell at equal cost") { X = new("time, UTC"), Y = new("cores") }
                .Line("demand", times, test.Scaling.Example.Demand).Line("advised", times, test.Scaling.Example.Advised).Line("reactive", times, test.Scaling.Example.Reactive));
        }
        return report;
    }

    private static Plot Regrets(WindowTest windows)
    {
        Plot plot = new("Varying VM-days whose chosen window was at most so much above the quietest; right is up to 10 points") { X = new("points of load above the quietest window"), Y = new("share of varying VM-days") };
        double[] points = [0, .5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 50];
        foreach ((string method, List<double> regrets) in windows.Regrets)
            plot.Line(method, points, points.Select(p => regrets.Count(r => r * 100 <= p + 1e-6) / (double)regrets.Count));
        return plot;
    }

    private static string Percent(double? share) => share is { } s ? (s * 100).ToString("0.0", CultureInfo.InvariantCulture) + "\u00a0%" : "-";

    private static string Number(double? value) => value is { } v ? v.ToString("0", CultureInfo.InvariantCulture) : "-";
}
