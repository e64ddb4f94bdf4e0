using System.Globalization;
using Pipeline.Infra.Reports;
using Pipeline.Local.Audit;
using Pipeline.Schemas;

namespace Pipeline.Local.Report;

/// <summary>The page that a run leaves behind: what happened to the fleet, how good the forecasts were, where calls went.</summary>
public static class RunReport
{
    /// <summary>Points of the scatter plot; more hide each other.</summary>
    private const int ScatterMax = 4000;

    private const double HalfHourMs = 30 * 60_000;

    public static HtmlReport Of(TopicAudit audit, Summary summary)
    {
        ForecastCheck check = ForecastCheck.Of(audit);
        HtmlReport page = new HtmlReport("A day of the pipeline")
            .Text("Agents' reports and function calls of a real day, as they went through the topics: every figure here was read back from them.")
            .Figures(
                ("reports counted", N(summary.ReportsCounted)), ("late", N(summary.Late)), ("dead letters", N(summary.DeadLetters)),
                ("snapshots", N(summary.Snapshots)), ("communities", N(summary.Communities)), ("VM predictions", N(summary.VmPredictions)),
                ("calls dispatched", N(summary.Dispatched)), ("rejected", N(summary.Rejected)), ("completed", N(summary.Completed)), ("cold starts", N(summary.ColdStarts)),
                ("points stored", N(summary.PointsStored)), ("lost", N(summary.Lost)), ("duplicated", N(summary.Duplicated)), ("seconds", N(summary.Seconds)));
        AddFleet(page, audit);
        AddForecasts(page, audit, check);
        AddCalls(page, [.. audit.Calls.Calls.Where(c => c.Invocation is not null)]);
        return page;
    }

    private static void AddFleet(HtmlReport page, TopicAudit audit)
    {
        FleetMap map = FleetMap.Of(audit);
        page.Section("The fleet and its communities")
            .Text("Each row is a VM, the communities found in the similarity graph stand together (the strip at the side). Communities are VMs whose load changes at the same moments.")
            .Plot(new Plot("Own CPU utilisation") { X = new("time (UTC)"), Height = Math.Max(300, 120 + (4 * map.Vms.Count)) }
                .HeatMap(map.Ends, map.Vms, map.Utilization, "share of cores", min: 0, max: 1, categories: map.Communities));
    }

    private static void AddForecasts(HtmlReport page, TopicAudit audit, ForecastCheck check)
    {
        page.Section("What was predicted, and what came");
        if (check.Cases.Count == 0)
        {
            page.Text("The run was too short: no forecast's 30 minutes are over.");
            return;
        }
        page.Text("For every VM and step the peak of the next 30 minutes was predicted. Mean pinball loss of the .5 and .9 quantiles, in percent of a VM's cores; lower is better.")
            .Figures(
                ("forecasts checked", N(check.Cases.Count)), ("pinball loss", F(check.Pinball)), ("of 'last value'", F(check.PinballOfLastValue)),
                ("peaks at or below the .9 quantile", P(check.Coverage)));
        int every = (check.Cases.Count + ScatterMax - 1) / ScatterMax;
        List<ForecastCase> some = [.. check.Cases.Where((_, i) => i % every == 0)];
        page.Plot(new Plot("Predicted and real peaks of 30 minutes") { X = new("predicted, share of cores") { Min = 0, Max = 1 }, Y = new("real, share of cores") { Min = 0, Max = 1 } }
            .Scatter("median", some.Select(c => (double)c.Forecast.MedianPeak), some.Select(c => c.RealPeak))
            .Scatter(".9 quantile", some.Select(c => (double)c.Forecast.HighPeak), some.Select(c => c.RealPeak))
            .Line("equal", [0.0, 1.0], [0.0, 1.0], dashed: true));
        string vm = check.Cases.GroupBy(c => c.Vm).MaxBy(g => Spread([.. g.Select(c => c.RealPeak)]))!.Key;
        List<ForecastCase> of = [.. check.Cases.Where(c => c.Vm == vm)];
        DateTime[] times = [.. of.Select(c => Time(c.EndUnixMs))];
        page.Plot(new Plot($"The VM that changed most, {vm}: peaks of 30 minutes") { X = new("time (UTC)"), Y = new("peak, share of cores") { Min = 0, Max = 1 } }
            .Line("real", times, of.Select(c => c.RealPeak))
            .Line("predicted median", times, of.Select(c => (double)c.Forecast.MedianPeak))
            .Line("predicted .9 quantile", times, of.Select(c => (double)c.Forecast.HighPeak), dashed: true));
    }

    private static void AddCalls(HtmlReport page, List<Call> calls)
    {
        page.Section("Where calls went");
        List<Call> answered = [.. calls.Where(c => c.Answer is not null)];
        if (answered.Count == 0)
        {
            page.Text("No function was called.");
            return;
        }
        AddLatency(page, answered);
        List<Call> completed = [.. answered.Where(c => c.Completion is not null)];
        var halfHours = completed.GroupBy(c => Math.Floor(c.Invocation!.TimeUnixMs / HalfHourMs)).OrderBy(g => g.Key).ToList();
        DateTime[] times = [.. halfHours.Select(g => Time((long)(g.Key * HalfHourMs)))];
        page.Plot(new Plot("Cold and warm starts in half an hour") { X = new("time (UTC)"), Y = new("calls") }
            .Bar("cold", times, halfHours.Select(g => g.Count(c => c.Completion!.ColdStart)))
            .Bar("warm", times, halfHours.Select(g => g.Count(c => !c.Completion!.ColdStart))));
        var vms = completed.GroupBy(c => c.Completion!.Vm).Select(g => (Vm: g.Key, Seconds: g.Sum(c => c.Completion!.CpuS))).OrderByDescending(v => v.Seconds).ToList();
        page.Plot(new Plot("Load of functions across the VMs") { X = new("VM, busiest first"), Y = new("CPU seconds of functions") }
            .Bar("CPU seconds", vms.Select(v => v.Vm), vms.Select(v => v.Seconds)));
        List<Call> rejected = [.. answered.Where(c => c.Answer!.Outcome == Dispatch.Types.Outcome.Rejected)];
        if (rejected.Count > 0)
        {
            page.Table("Rejections", ["code", "calls", "the first one's reason"], rejected.GroupBy(c => c.Answer!.RejectCode).OrderByDescending(g => g.Count())
                .Select(g => new[] { g.Key, N(g.Count()), g.First().Answer!.Decision.Reason }));
        }
    }

    private static void AddLatency(HtmlReport page, List<Call> answered)
    {
        double[] ms = [.. answered.Select(c => (double)Math.Max(0, c.AnsweredUnixMs - c.InvokedUnixMs)).Order()];
        page.Text("Dispatch latency is wall time from the gateway's record to the dispatcher's; everything runs on one machine here, and a day is played in minutes.")
            .Figures(("p50", $"{N(Quantiles.Of(ms, .5))} ms"), ("p95", $"{N(Quantiles.Of(ms, .95))} ms"), ("p99", $"{N(Quantiles.Of(ms, .99))} ms"))
            .Plot(new Plot("Dispatch latency") { X = new("ms"), Y = new("calls") }.Histogram("calls", ms, bins: 60, from: 0, to: Math.Max(20, Quantiles.Of(ms, .995))));
    }

    private static double Spread(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean));
    }

    private static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;

    private static string N(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string P(double value) => value.ToString("P1", CultureInfo.InvariantCulture);
}
