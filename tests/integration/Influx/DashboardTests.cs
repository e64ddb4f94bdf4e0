using System.Globalization;
using System.Text.Json;
using Pipeline.Infra.Influx;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>Every query of every dashboard in infra/grafana on real servers, its macros filled in as Grafana does.</summary>
[Collection(InfluxTests.Name)]
public sealed class DashboardTests(InfluxServers servers)
{
    private const string Window = "10m";

    private static readonly string Folder = Path.Combine(Repository.Root, "infra", "grafana");

    [Influx1Fact]
    public async Task Every_query_in_influxql_finds_something_in_1_x()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.One!.Options("dashboards"));
        await RunData.Instance.WriteAsync(client);
        await EachFindsSomethingAsync("pipeline-influxql", q => InfluxQlRowsAsync(client, q));
    }

    [Influx2Fact]
    public async Task Every_query_finds_something_in_2_x()
    {
        using InfluxClient client = await InfluxContract.OpenAsync(servers.Two!.Options("dashboards"));
        await RunData.Instance.WriteAsync(client);
        await EachFindsSomethingAsync("pipeline-influxql", q => InfluxQlRowsAsync(client, q));
        await EachFindsSomethingAsync("pipeline-flux", q => FluxRowsAsync(client, q));
    }

    [Fact]
    public void Dashboards_name_datasources_that_are_provisioned_and_have_ids_of_their_own()
    {
        string provisioned = File.ReadAllText(Path.Combine(Folder, "provisioning", "datasources", "influxdb.yaml"));
        List<string> ids = [];
        foreach (string file in Files())
        {
            JsonElement dashboard = JsonElement.Parse(File.ReadAllText(file));
            ids.Add(dashboard.GetProperty("uid").GetString()!);
            int[] panels = [.. dashboard.GetProperty("panels").EnumerateArray().Select(p => p.GetProperty("id").GetInt32())];
            Assert.Equal(panels.Distinct(), panels);
            foreach ((string source, _, _) in Queries(file)) Assert.Contains($"uid: {source}\n", provisioned, StringComparison.Ordinal);
        }
        Assert.Equal(ids.Distinct(), ids);
        Assert.True(ids.Count >= 4);
    }

    private static async Task EachFindsSomethingAsync(string source, Func<string, Task<int>> rowsOf)
    {
        List<string> wrong = [];
        int asked = 0;
        foreach ((string _, string title, string query) in Files().SelectMany(Queries).Where(q => q.Source == source))
        {
            asked++;
            try
            {
                if (await rowsOf(query) == 0) wrong.Add($"{title}: nothing");
            }
            catch (InfluxQueryException e)
            {
                wrong.Add($"{title}: {e.Message}");
            }
        }
        Assert.Empty(wrong);
        Assert.True(asked > 5);
    }

    private static async Task<int> InfluxQlRowsAsync(InfluxClient client, string query)
    {
        string range = $"time >= {Ms(RunData.Instance.From)}ms and time <= {Ms(RunData.Instance.To)}ms";
        return (await InfluxContract.RowsAsync(client, query.Replace("$timeFilter", range, StringComparison.Ordinal).Replace("$__interval", Window, StringComparison.Ordinal))).Count;
    }

    private static async Task<int> FluxRowsAsync(InfluxClient client, string query)
    {
        string variables = $"v = {{defaultBucket: \"dashboards\", timeRangeStart: {Iso(RunData.Instance.From)}, timeRangeStop: {Iso(RunData.Instance.To)}, windowPeriod: {Window}}}\n";
        int rows = 0;
        await foreach (FluxRow _ in client.FluxAsync(variables + query)) rows++;
        return rows;
    }

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Path.Combine(Folder, "dashboards"), "*.json").Order();

    private static IEnumerable<(string Source, string Title, string Query)> Queries(string file) =>
        from panel in JsonElement.Parse(File.ReadAllText(file)).GetProperty("panels").EnumerateArray()
        from target in panel.GetProperty("targets").EnumerateArray()
        select (target.GetProperty("datasource").GetProperty("uid").GetString()!, $"{Path.GetFileName(file)}: {panel.GetProperty("title").GetString()}", target.GetProperty("query").GetString()!);

    private static string Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
