using System.Text.Json;
using Pipeline.Infra.Influx;
using Pipeline.Infra.TimeSeries;
using Pipeline.Processors.Store;

namespace Pipeline.Tests.Integration.Influx;

/// <summary><c>store setup</c> on real servers: what it makes, that it may be repeated, and that the down-sampling counts right.</summary>
[Collection(InfluxTests.Name)]
public sealed class SetupTests(InfluxServers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly IReadOnlyList<DownSampling> Hours = StoreLayout.Hours(TimeSpan.FromDays(730));

    [Influx1Fact]
    public async Task On_1_x_it_makes_policies_and_continuous_queries_and_may_be_repeated()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("setup"));
        await client.SetUpAsync(TimeSpan.FromDays(7), Hours, CancellationToken.None);
        await client.SetUpAsync(TimeSpan.FromDays(30), Hours, CancellationToken.None);
        Dictionary<string, InfluxRow> policies = (await InfluxContract.RowsAsync(client, "SHOW RETENTION POLICIES ON setup")).ToDictionary(r => r.Text("name")!);
        Assert.Equal(["autogen", "hourly"], policies.Keys.Order());
        Assert.Equal(("720h0m0s", true, "17520h0m0s", false), (policies["autogen"].Text("duration"), policies["autogen"].Boolean("default"), policies["hourly"].Text("duration"), policies["hourly"].Boolean("default")));
        Assert.Equal(Hours.Select(h => h.Name).Order(), (await InfluxContract.RowsAsync(client, "SHOW CONTINUOUS QUERIES")).Where(r => r.Series.Name == "setup").Select(r => r.Text("name")!).Order());
    }

    [Influx1Fact]
    public async Task On_1_x_hours_are_what_the_points_say()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("hours"));
        await client.SetUpAsync(TimeSpan.Zero, StoreLayout.Hours(TimeSpan.Zero), CancellationToken.None);
        await RunData.Instance.WriteAsync(client);
        foreach (DownSampling sampling in Hours) await InfluxContract.RowsAsync(client, sampling.InfluxQl("hours", (RunData.Instance.From, RunData.Instance.To)));
        List<string> seen = [];
        foreach (InfluxRow row in await InfluxContract.RowsAsync(client, "SELECT cpu, free_cores_min FROM hourly.vm_step_hourly GROUP BY cell, vm"))
            seen.Add(Text(row.TimeUnixNs, row.Tag("vm"), row.Float("cpu"), row.Float("free_cores_min")));
        Assert.Equal(Wanted(), seen.Order(StringComparer.Ordinal));
    }

    [Influx2Fact]
    public async Task On_2_x_it_makes_buckets_and_tasks_and_may_be_repeated()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("setup"));
        await client.SetUpAsync(TimeSpan.FromDays(7), Hours, CancellationToken.None);
        await client.SetUpAsync(TimeSpan.FromDays(30), Hours, CancellationToken.None);
        Dictionary<string, long> buckets = [];
        await foreach (FluxRow row in client.FluxAsync("buckets() |> filter(fn: (r) => r.name =~ /^setup/)")) buckets[row.Text("name")!] = row.Integer("retentionPeriod")!.Value;
        Assert.Equal((2, 30L * 86_400_000_000_000, 730L * 86_400_000_000_000), (buckets.Count, buckets["setup"], buckets["setup-hourly"]));

        using HttpClient http = new() { BaseAddress = servers.Two.Url };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Token " + servers.Two.Token);
        using JsonDocument tasks = JsonDocument.Parse(await http.GetStringAsync($"api/v2/tasks?org={servers.Two.Organisation}"));
        Assert.Equal(Hours.Select(h => h.Name).Order(), tasks.RootElement.GetProperty("tasks").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).Order());
    }

    [Influx2Fact]
    public async Task On_2_x_hours_are_what_the_points_say()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("hours"));
        using (InfluxClient hourly = await InfluxContract.OpenAsync(servers.Two.Options("hours-hourly")))
            await RunData.Instance.WriteAsync(client);
        foreach (DownSampling sampling in Hours)
            await foreach (FluxRow _ in client.FluxAsync(sampling.Flux("hours", RunData.Instance.From, RunData.Instance.To))) continue;
        List<string> seen = [];
        await foreach (FluxRow row in client.FluxAsync("""
            from(bucket: "hours-hourly") |> range(start: 0) |> filter(fn: (r) => r._measurement == "vm_step_hourly")
                |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")
            """))
            seen.Add(Text(row.TimeUnixNs, row.Text("vm"), row.Float("cpu"), row.Float("free_cores_min")));
        Assert.Equal(Wanted(), seen.Order(StringComparer.Ordinal));
        int completions = 0;
        await foreach (FluxRow row in client.FluxAsync("""from(bucket: "hours-hourly") |> range(start: 0) |> filter(fn: (r) => r._measurement == "function_completion_hourly" and r._field == "calls") |> group() |> sum()"""))
            completions += (int)row.Integer("_value")!.Value;
        Assert.Equal(RunData.Instance.Points.Count(p => p.Measurement == "function_completion" && p.TimeUnixNs < RunData.Instance.To.ToUnixTimeMilliseconds() * 1_000_000), completions);
    }

    [Influx1Fact]
    public async Task On_1_x_the_server_runs_its_continuous_queries_by_itself()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("byitself"));
        DateTimeOffset hour = await WriteHourAsync(client);
        // A continuous query that is new runs at once, and then with each hour.
        await client.SetUpAsync(TimeSpan.FromDays(7), Hours, CancellationToken.None);
        using CancellationTokenSource stop = new(Patience);
        List<InfluxRow> rows = [];
        while (rows.Count == 0)
        {
            await Task.Delay(200, stop.Token);
            rows = await InfluxContract.RowsAsync(client, "SELECT cpu, cpu_peak FROM hourly.vm_step_hourly GROUP BY cell, vm");
        }
        InfluxRow row = Assert.Single(rows);
        Assert.Equal((hour.ToUnixTimeMilliseconds() * 1_000_000, .25, .5), (row.TimeUnixNs, row.Float("cpu"), row.Float("cpu_peak")));
    }

    [Influx2Fact]
    public async Task On_2_x_the_server_runs_its_tasks()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("byitself"));
        DateTimeOffset hour = await WriteHourAsync(client);
        await client.SetUpAsync(TimeSpan.FromDays(7), Hours, CancellationToken.None);
        using HttpClient http = new() { BaseAddress = servers.Two.Url };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Token " + servers.Two.Token);
        using CancellationTokenSource stop = new(Patience);
        foreach (JsonElement task in (await JsonAsync(http.GetAsync($"api/v2/tasks?org={servers.Two.Organisation}&limit=100", stop.Token))).GetProperty("tasks").EnumerateArray())
        {
            if (!task.GetProperty("flux").GetString()!.Contains("\"byitself\"", StringComparison.Ordinal)) continue;
            // Now, instead of at the next hour.
            string runs = $"api/v2/tasks/{task.GetProperty("id").GetString()}/runs";
            using StringContent nothing = new("{}", System.Text.Encoding.UTF8, "application/json");
            string run = (await JsonAsync(http.PostAsync(runs, nothing, stop.Token))).GetProperty("id").GetString()!;
            string state = "";
            while (state is not ("success" or "failed"))
            {
                await Task.Delay(200, stop.Token);
                using HttpResponseMessage answer = await http.GetAsync($"{runs}/{run}", stop.Token);
                if (answer.IsSuccessStatusCode) state = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(stop.Token)).RootElement.GetProperty("status").GetString()!;
            }
            Assert.Equal((task.GetProperty("name").GetString(), "success"), (task.GetProperty("name").GetString(), state));
        }
        List<(long, string?, double?)> seen = [];
        await foreach (FluxRow row in client.FluxAsync("""from(bucket: "byitself-hourly") |> range(start: -1d) |> filter(fn: (r) => r._measurement == "vm_step_hourly" and (r._field == "cpu" or r._field == "cpu_peak"))"""))
            seen.Add((row.TimeUnixNs, row.Text("_field"), row.Float("_value")));
        long time = hour.ToUnixTimeMilliseconds() * 1_000_000;
        Assert.Equal([(time, "cpu", .25), (time, "cpu_peak", .5)], seen.OrderBy(r => r.Item2, StringComparer.Ordinal));
    }

    /// <summary>Four steps of a VM in an hour that is over.</summary>
    private static async Task<DateTimeOffset> WriteHourAsync(InfluxClient client)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow(), hour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero).AddHours(-1);
        double[] cpu = [.1, .2, .3, .4];
        await client.WriteAsync([.. cpu.Select((c, i) => new Point("vm_step", [new Tag("cell", "c"), new Tag("vm", "v")], [new Field("cpu", c), new Field("cpu_peak", c + .1)], (hour.ToUnixTimeMilliseconds() + (i * 900_000)) * 1_000_000))], CancellationToken.None);
        return hour;
    }

    private static async Task<JsonElement> JsonAsync(Task<HttpResponseMessage> answer)
    {
        using HttpResponseMessage got = await answer;
        got.EnsureSuccessStatusCode();
        return JsonDocument.Parse(await got.Content.ReadAsStringAsync()).RootElement.Clone();
    }

    /// <summary>Hours begin at their time: [from, from + 1 h).</summary>
    private static IEnumerable<string> Wanted() =>
        RunData.Instance.Points.Where(p => p.Measurement == "vm_step" && p.Number("cpu") is not null && p.TimeUnixNs < RunData.Instance.To.ToUnixTimeMilliseconds() * 1_000_000)
            .GroupBy(p => (Vm: p.Tag("vm"), Time: p.Window(TimeSpan.FromHours(1))))
            .Select(g => Text(g.Key.Time, g.Key.Vm, g.Mean("cpu"), g.Min(p => p.Number("free_cores"))))
            .Order(StringComparer.Ordinal);

    private static string Text(long time, string? vm, double? cpu, double? free) => FormattableString.Invariant($"{time} {vm} {cpu:0.######} {free:0.######}");
}
