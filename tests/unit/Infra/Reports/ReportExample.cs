using Pipeline.Infra.Reports;

namespace Pipeline.Tests.Unit.Infra.Reports;

/// <summary>The example of the README, which a test compares with this method's text.</summary>
internal static class ReportExample
{
    public static HtmlReport Make()
    {
        DateTime[] times = [.. Enumerable.Range(0, 96).Select(i => new DateTime(2026, 1, 1).AddMinutes(15 * i))];
        double[] load = [.. times.Select(t => .5 - (.3 * Math.Cos(t.TimeOfDay.TotalHours / 24 * Math.Tau)))];
        string[] vms = ["vm1 · web", "vm2 · web", "vm3 · batch"];

        HtmlReport report = new HtmlReport("A day of the fleet")
            .Text("Three VMs, replayed.")
            .Figures(("reports", "288"), ("lost", "0"))
            .Section("Load")
            .Plot(new Plot("CPU utilisation") { X = new("time"), Y = new("share of cores") { Min = 0, Max = 1 } }
                .Line("vm1", times, load)
                .Line("limit", [times[0], times[^1]], [.8, .8], dashed: true))
            .Plot(new Plot("Fleet") { X = new("time"), Height = 260 }
                .HeatMap(times, vms, [load, load, load.Reverse()], "share of cores", min: 0, max: 1, categories: ["web", "web", "batch"]))
            .Table("Latency", ["percentile", "ms"], [["p50", "12"], ["p99", "140"]]);
        return report;
    }
}
