using System.CommandLine;
using System.Text.RegularExpressions;
using Pipeline.Infra.CommandLine;
using Pipeline.Ingest.Replay;
using Pipeline.Processors.Offline;

namespace Pipeline.Tests.Unit.Processors.Offline;

public sealed class GraphCommandTests : IDisposable
{
    private static readonly string[] Tables = ["edges.csv", "communities.csv", "events.csv", "patterns.csv"];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("graph-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_trace_becomes_tables_and_a_page_the_same_each_time()
    {
        string first = In("first"), second = In("second");
        string printed = await RunAsync("--trace", CommittedTraces.Fleet.FullName, "--out", first);
        await RunAsync("--trace", CommittedTraces.Fleet.FullName, "--out", second);
        foreach (string file in (string[])[.. Tables, "graph.html"])
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(second, file)), await File.ReadAllBytesAsync(Path.Combine(first, file)));
        Match counts = Regex.Match(printed, @"^vms=116 graphs=(\d+) events=(\d+) patterns=(\d+) changes=\d+ without-cause=\d+ vm-graphs=\d+ seconds=[\d.]+$", RegexOptions.Multiline);
        Assert.True(counts.Success, printed);
        Assert.Equal(int.Parse(counts.Groups[2].Value, null), Rows(first, "events.csv").Count);
        Assert.Equal(int.Parse(counts.Groups[3].Value, null), Rows(first, "patterns.csv").Count);
        Assert.Equal(int.Parse(counts.Groups[1].Value, null), Rows(first, "communities.csv").Select(r => r[0]).Distinct().Count());
        string page = await File.ReadAllTextAsync(Path.Combine(first, "graph.html"));
        foreach (string section in (string[])["Communities over time", "The fleet&#39;s map", "Load in the order of communities", "What VMs do", "Level shifts"]) Assert.Contains(section, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_hold_together()
    {
        string to = In("out");
        await RunAsync("--trace", CommittedTraces.Fleet.FullName, "--out", to, "--refresh", "144");
        Dictionary<(string Time, string Vm), string[]> communities = Rows(to, "communities.csv").ToDictionary(r => (r[0], r[1]));
        foreach (string[] edge in Rows(to, "edges.csv"))
        {
            Assert.Contains((edge[0], edge[1]), communities.Keys);
            Assert.Contains((edge[0], edge[2]), communities.Keys);
            Assert.InRange(double.Parse(edge[3], System.Globalization.CultureInfo.InvariantCulture), 0, 1);
        }
        HashSet<string> numbers = [.. communities.Values.Select(r => r[2])];
        // Who has a share inside has company, who has none is alone.
        foreach (IGrouping<(string, string), string[]> of in communities.Values.GroupBy(r => (r[0], r[2])))
            Assert.All(of, r => Assert.Equal(of.Count() > 1, r[4] != "0"));
        Assert.All(Rows(to, "events.csv").Where(r => r[1] == "born"), r => Assert.Contains(r[2], numbers));
        Assert.All(Rows(to, "patterns.csv"), r => Assert.True(r[2].Length > 0 ^ r[3].Length > 0, string.Join(',', r)));
    }

    [Fact]
    public async Task A_trace_too_short_for_a_graph_says_so()
    {
        string trace = In("short"), to = In("out");
        Directory.CreateDirectory(trace);
        await File.WriteAllTextAsync(Path.Combine(trace, "vms.csv"), "vm,cores,mem_capacity_mb\na,1,1024\nb,1,1024\n");
        await File.WriteAllTextAsync(Path.Combine(trace, "cpu_pct.csv"), "unix_time,a,b\n1700000100,1,2\n1700000400,2,1\n");
        Assert.Contains("graphs=0", await RunAsync("--trace", trace, "--out", to), StringComparison.Ordinal);
        Assert.Contains("too short", await File.ReadAllTextAsync(Path.Combine(to, "graph.html")), StringComparison.Ordinal);
        Assert.All(Tables, t => Assert.Empty(Rows(to, t)));
    }

    [Fact]
    public async Task A_folder_without_a_trace_is_named()
    {
        UserException error = await Assert.ThrowsAsync<UserException>(() => RunAsync("--trace", folder.FullName, "--out", In("out")));
        Assert.Contains(folder.FullName, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_to_is_named()
    {
        string file = In("file");
        await File.WriteAllTextAsync(file, "");
        UserException error = await Assert.ThrowsAsync<UserException>(() => RunAsync("--trace", CommittedTraces.Fleet.FullName, "--out", file));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(folder.FullName, name);

    private static List<string[]> Rows(string to, string table) => [.. File.ReadLines(Path.Combine(to, table)).Skip(1).Select(line => line.Split(','))];

    private static async Task<string> RunAsync(params string[] args)
    {
        await using StringWriter output = new();
        await GraphCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output });
        return output.ToString();
    }
}
