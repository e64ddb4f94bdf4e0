using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf;
using Pipeline.Infra.Kafka;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;
using Pipeline.Tests.Integration;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd.Bridge;

/// <summary>Foreign agents, receiver and bridge as processes, on a real broker.</summary>
public sealed class BridgeTests(KafkaCluster cluster) : IClassFixture<KafkaCluster>
{
    private const long StartMs = 1_795_415_100_000;
    private const int Vms = 3, Reports = 5, IntervalMs = 10_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1), Look = TimeSpan.FromMilliseconds(200);

    [KafkaFact]
    public async Task What_is_received_over_http_comes_out_as_reports_once()
    {
        int port = Processes.FreePort();
        await using ServiceProcess receiver = Start("receive", "--topic", "received", "--http", port.ToString(CultureInfo.InvariantCulture));
        using HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await UntilAsync([receiver], async () => await AnswersAsync(http));
        await using ServiceProcess bridge = Start("bridge", "--topic", "received", "--cell-attribute", "cell", "--keyed-by-machine");
        (TelegrafInfluxFormat telegraf, OtlpProtoFormat collector) = (new(), new());
        for (int i = 0; i < Reports; i++)
        {
            for (int vm = 0; vm < Vms; vm++)
            {
                await SendAsync(http, "/write?db=telegraf", "text/plain", telegraf.Encode(Report($"telegraf-{vm}", i)));
                await SendAsync(http, "/v1/metrics", "application/x-protobuf", collector.Encode(Report($"collector-{vm}", i)));
            }
        }
        // The first scrape is what the second's counters begin from, and the last is closed by silence, which needs somebody who talks.
        string[] wanted = [.. Enumerable.Range(0, Vms).SelectMany(vm => Enumerable.Range(1, Reports - 2).SelectMany(i => new[] { Name($"telegraf-{vm}", i), Name($"collector-{vm}", i) }))];
        await UntilAsync([receiver, bridge], () => Task.FromResult(!wanted.Except(Reported().Select(r => Name(r.Vm, (int)((r.TimeUnixMs - StartMs) / IntervalMs)))).Any()));
        List<VmReport> found = [.. Reported().Where(r => r.Vm.StartsWith("telegraf-", StringComparison.Ordinal) || r.Vm.StartsWith("collector-", StringComparison.Ordinal))];
        Assert.Equal(found.Count, found.Select(r => (r.Vm, r.TimeUnixMs)).Distinct().Count());
        Assert.All(found, r => Assert.Equal(("cell-7", .5f, 1000f), (r.Cell, r.Own.CpuUtilization, MathF.Round(r.Own.DiskRead))));
    }

    [CollectdFact]
    public async Task Collectd_is_understood_as_it_is()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        await TopicSetup.EnsureAsync(cluster.Connection, new TopicSpec { Name = "collectd", Key = "agent", Description = "what collectd sends" });
        string folder = Directory.CreateTempSubdirectory("collectd").FullName;
        string settings = Path.Combine(folder, "collectd.conf");
        await File.WriteAllTextAsync(settings, $"""
            Hostname "vm-collectd"
            Interval 1
            BaseDir "{folder}"
            PIDFile "{folder}/pid"
            TypesDB "/usr/share/collectd/types.db"
            LoadPlugin cpu
            LoadPlugin memory
            LoadPlugin load
            LoadPlugin write_kafka
            <Plugin memory>
              ValuesAbsolute true
            </Plugin>
            <Plugin write_kafka>
              Property "metadata.broker.list" "{cluster.Connection.BootstrapServers}"
              <Topic "collectd">
                Key "vm-collectd"
                Format JSON
              </Topic>
            </Plugin>

            """);
        using Process collectd = Process.Start(CollectdFactAttribute.Program!, ["-f", "-C", settings]);
        try
        {
            await using ServiceProcess bridge = Start("bridge", "--topic", "collectd", "--from", "auto");
            await UntilAsync([bridge], () => Task.FromResult(Reported().Count(r => r.Vm == "vm-collectd") >= 3));
            Assert.All(Reported().Where(r => r.Vm == "vm-collectd"), r =>
            {
                Assert.Equal(Environment.ProcessorCount, r.Cores);
                Assert.InRange(r.Own.CpuUtilization, 0, 1);
                Assert.InRange(r.Own.MemoryUtilization, .001f, 1);
                Assert.InRange(r.IntervalMs, 500u, 5000u);
            });
        }
        finally
        {
            collectd.Kill();
            await collectd.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Name(string vm, int report) => $"{vm}/{report}";

    private static VmReport Report(string vm, int report) => new()
    {
        Vm = vm,
        Cell = "cell-7",
        TimeUnixMs = StartMs + (report * IntervalMs),
        IntervalMs = IntervalMs,
        Cores = 4,
        MemoryBytes = 8UL << 30,
        Own = new Signals { CpuUtilization = .5f, CpuSteal = 0, CpuIowait = 0, MemoryUtilization = .25f, DiskRead = 1000, DiskWrite = 1000, Load1M = 1 },
    };

    private ServiceProcess Start(params string[] arguments) => ServiceProcess.Start("ingest", [.. arguments, "--kafka", cluster.Connection.BootstrapServers]);

    private List<VmReport> Reported() => [.. CommittedRecords.Read(cluster.Connection, Topics.VmMetrics.Name).SelectMany(r => VmReports.Parser.ParseFrom(r.Message.Value).Reports)];

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using HttpResponseMessage pong = await http.GetAsync(new Uri("/ping", UriKind.Relative));
            return pong.StatusCode == HttpStatusCode.NoContent;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task SendAsync(HttpClient http, string path, string type, IEnumerable<(string? Key, byte[] Value)> records)
    {
        foreach ((_, byte[] value) in records)
        {
            using ByteArrayContent content = new(value);
            content.Headers.ContentType = new(type);
            using HttpResponseMessage answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    private static async Task UntilAsync(ServiceProcess[] services, Func<Task<bool>> reached)
    {
        using CancellationTokenSource stop = new(Timeout);
        while (!await reached())
        {
            foreach (ServiceProcess service in services) service.AssertRunning();
            if (stop.IsCancellationRequested) Assert.Fail(string.Join('\n', services.Select(s => s.Output)));
            await Task.Delay(Look);
        }
    }
}
