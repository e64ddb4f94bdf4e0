using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>Each question of infra/Influx/questions.md on real servers, held against the points of the run, counted here.</summary>
[Collection(InfluxTests.Name)]
public sealed partial class QuestionTests(InfluxServers servers)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1), Day = TimeSpan.FromDays(1);
    private static readonly RunData Run = RunData.Instance;

    /// <summary>By heading: the rows that must come, as sets of texts.</summary>
    private static readonly Dictionary<string, Func<(List<string> Wanted, Func<InfluxRow, string> Seen)>> Checks = new()
    {
        ["Which hours are free?"] = () => (
            [.. Run.Of("vm_step", Day).Where(p => p.Number("free_cores") is not null)
                .GroupBy(p => (Time: p.Window(Hour), Cell: p.Tag("cell"), Vm: p.Tag("vm"))).Select(g => (g.Key.Time, Free: g.Mean("free_cores")!.Value))
                .GroupBy(v => v.Time).Select(g => (Time: g.Key, Free: g.Sum(v => v.Free))).OrderByDescending(h => h.Free).Take(5).Select(h => Text(h.Time, h.Free))],
            r => Text(r.TimeUnixNs, r.Float("free_cores"))),
        ["Which communities are busy together?"] = () => (
            [.. Run.Of("community_step", Day).GroupBy(p => (Time: p.Window(Hour), Cell: p.Tag("cell"), Community: p.Tag("community")))
                .Select(g => (g.Key, Busy: 1 - (g.Mean("free_cores") / g.Mean("cores")))).Where(g => g.Busy > .25).Select(g => Text(g.Key.Time, g.Key.Cell, g.Key.Community, g.Busy))],
            r => Text(r.TimeUnixNs, r.Text("cell"), r.Text("community"), r.Float("busy"))),
        ["Why did latency rise at 14:00?"] = () => (
            [.. Run.Of("function_completion", TimeSpan.FromHours(3)).GroupBy(p => (Cold: p.Tag("cold"), Time: p.Window(TimeSpan.FromMinutes(30))))
                .Select(g => Text(g.Key.Cold, g.Key.Time, g.Count(), g.Mean("wall_ms"), g.Mean("cold_start_ms"), g.Mean("cpu_s")))],
            r => Text(r.Tag("cold"), r.TimeUnixNs, r.Integer("calls"), r.Float("wall_ms"), r.Float("cold_start_ms"), r.Float("cpu_s"))),
        ["How good were predictions last week?"] = () =>
        {
            List<Point> all = [.. Run.Of("prediction_outcome", TimeSpan.FromDays(7))];
            return ([Text(all.Count, all.Mean("covered_5m"), all.Mean("covered_60m"), all.Mean("error_60m"), all.Mean("brier_60m"))],
                r => Text(r.Integer("predictions"), r.Float("covered_5m"), r.Float("covered_60m"), r.Float("error_60m"), r.Float("brier_60m")));
        },
        ["Which tenants wait most?"] = () => (
            [.. Run.Of("function_dispatch", Day).Where(p => p.Tag("outcome") == "dispatched" && p.Number("cost_s") is not null).GroupBy(p => p.Tag("tenant"))
                .Select(g => Text(g.Key, g.Count(), g.Mean("cost_s"), g.Max(p => p.Number("cost_s"))))],
            r => Text(r.Tag("tenant"), r.Integer("calls"), r.Float("cost_s"), r.Float("cost_s_max"))),
        ["Whose calls are rejected, and why?"] = () => (
            [.. Run.Of("function_dispatch", Day).Where(p => p.Tag("outcome") == "rejected").GroupBy(p => (Tenant: p.Tag("tenant"), Code: p.Tag("reject_code"))).Select(g => Text(g.Key.Tenant, g.Key.Code, g.Count()))],
            r => Text(r.Tag("tenant"), r.Tag("reject_code"), r.Integer("rejected"))),
        ["Which VMs are busiest?"] = () => (
            [.. ByVm("cpu").OrderByDescending(v => v.Mean).Take(5).Select(v => Text(v.Vm, v.Mean))], r => Text(r.Text("vm"), r.Float("top"))),
        ["Which VMs report badly?"] = () => (
            [.. ByVm("completeness").OrderBy(v => v.Mean).Take(5).Select(v => Text(v.Mean))], r => Text(r.Float("bottom"))),
        ["How much do communities change?"] = () => (
            [.. Run.Of("community_event", Day).GroupBy(p => (Cell: p.Tag("cell"), Kind: p.Tag("kind"))).Select(g => Text(g.Key.Cell, g.Key.Kind, g.Count()))],
            r => Text(r.Tag("cell"), r.Tag("kind"), r.Integer("events"))),
        ["Which functions start cold?"] = () => (
            [.. Run.Of("function_completion", Day).GroupBy(p => (Function: p.Tag("function"), Cold: p.Tag("cold"))).Select(g => Text(g.Key.Function, g.Key.Cold, g.Count(), g.Mean("cold_start_ms")))],
            r => Text(r.Tag("function"), r.Tag("cold"), r.Integer("calls"), r.Float("cold_start_ms"))),
    };

    [Influx1Fact]
    public async Task Ten_questions_are_answered_by_1_x_as_counted()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("questions"));
        await AskAllAsync(client);
    }

    [Influx2Fact]
    public async Task Ten_questions_are_answered_by_2_x_as_counted()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("questions"));
        await AskAllAsync(client);
    }

    private static async Task AskAllAsync(InfluxClient client)
    {
        await Run.WriteAsync(client);
        string page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "infra", "Influx", "questions.md"));
        Dictionary<string, string> questions = Question().Matches(page).ToDictionary(m => m.Groups["title"].Value, m => m.Groups["text"].Value);
        Assert.Equal(Checks.Keys.Order(), questions.Keys.Order());
        string now = $"'{Run.To.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}'";
        List<string> wrong = [];
        foreach ((string title, string question) in questions)
        {
            (List<string> wanted, Func<InfluxRow, string> seen) = Checks[title]();
            List<InfluxRow> rows = await InfluxContract.RowsAsync(client, question.Replace("now()", now, StringComparison.Ordinal));
            string[] got = [.. rows.Select(seen).Order(StringComparer.Ordinal)], want = [.. wanted.Order(StringComparer.Ordinal)];
            if (want.Length == 0 || !want.SequenceEqual(got)) wrong.Add($"{title}\nwanted {string.Join("; ", want.Take(8))}\ngot    {string.Join("; ", got.Take(8))}");
        }
        Assert.Empty(wrong);
    }

    private static IEnumerable<(string Vm, double Mean)> ByVm(string field) =>
        Run.Of("vm_step", Day).Where(p => p.Number(field) is not null).GroupBy(p => p.Tag("vm")).Select(g => (g.Key, g.Mean(field)!.Value));

    private static string Text(params object?[] values) =>
        string.Join(' ', values.Select(v => v switch { double d => Math.Round(d, 6).ToString("0.######", CultureInfo.InvariantCulture), null => "-", _ => Convert.ToString(v, CultureInfo.InvariantCulture) }));

    [GeneratedRegex(@"^## (?<title>.+?)\n(?:.*?)```influxql\n(?<text>.+?)\n```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Question();
}
