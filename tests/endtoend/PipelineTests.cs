using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Traces;
using Pipeline.Ingest.Replay;
using Pipeline.Local;
using Pipeline.Local.Audit;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Influx;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The services as users run them, over a real broker into two real InfluxDBs: 100 VMs, 4 hours, 5,000 calls, 50 broken records.</summary>
public sealed class PipelineTests(KafkaCluster cluster, InfluxServers influx) : IClassFixture<KafkaCluster>, IClassFixture<InfluxServers>
{
    private const int Vms = 100, Hours = 4, Cells = 2, Invocations = 5000, Day = 10, Slots = Hours * 12;
    private const string Database = "telemetry_e2e";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [EndToEndFact]
    public async Task Everything_that_is_sent_is_accounted_for_once()
    {
        KafkaConnection kafka = cluster.Connection;
        await TopicSetup.EnsureAsync(kafka);
        using CancellationTokenSource stop = new(Timeout);
        using AuditReader audit = new(new ConfluentClients(kafka, NullLoggerFactory.Instance));
        Task auditing = audit.RunAsync(stop.Token);
        InfluxOptions one = influx.One!.Options(Database), two = influx.Two!.Options(Database);
        await using ServiceProcess processors = ServiceProcess.Start("processors", "--kafka", kafka.BootstrapServers, "--influx", two.Url.ToString(), "--token", two.Token!, "--org", two.Organisation!, "--bucket", Database);
        await using ServiceProcess store = ServiceProcess.Start("processors", "store", "--group", "store-one", "--kafka", kafka.BootstrapServers, "--influx", one.Url.ToString(), "--database", Database);
        await using ServiceProcess predictor = ServiceProcess.Start("predictor", "serve", "--kafka", kafka.BootstrapServers);
        await using ServiceProcess dispatcher = ServiceProcess.Start("dispatcher", "serve", "--kafka", kafka.BootstrapServers);
        await using ServiceProcess workers = ServiceProcess.Start("dispatcher", "workers", "--fleet", CommittedTraces.Fleet.FullName, "--functions", CommittedTraces.Functions.FullName, "--kafka", kafka.BootstrapServers);
        ServiceProcess[] services = [processors, store, predictor, dispatcher, workers];
        FleetTrace fleet = FleetTrace.Load(CommittedTraces.Fleet);
        TracePlayer player = new(fleet, null, new ReplayOptions { Vms = Vms, Hours = Hours, Cells = Cells, StartSlot = ReplayOptions.FirstSlotOfDay(fleet, Day) });

        List<BrokenRecord> broken = [.. BrokenRecords.All("cell-0", player.StartUnixMs)];
        await SendAsync(kafka, broken);
        await ReplayAsync(kafka, "--only", "metrics");
        await UntilAsync(services, () => audit.Look(a => a.Predictions.Whole >= Cells * Slots), stop.Token);
        await ReplayAsync(kafka, "--only", "invocations", "--invocations", Invocations.ToString(CultureInfo.InvariantCulture), "--invocations-after", "0");
        await new Settling(audit, TimeProvider.System).WaitAsync(player.CountReports(), Invocations, a => a.DeadLetters >= broken.Count, () => 0, stop.Token);

        long points = audit.Look(a => a.Points.Distinct);
        using InfluxClient first = new(one, NullLoggerFactory.Instance, TimeProvider.System), second = new(two, NullLoggerFactory.Instance, TimeProvider.System);
        await UntilAsync(services, async () => await LocalStore.CountAsync(first, stop.Token) >= points && await LocalStore.CountAsync(second, stop.Token) >= points, stop.Token);
        Assert.Equal(points, await LocalStore.CountAsync(first, stop.Token));
        Assert.Equal(points, await LocalStore.CountAsync(second, stop.Token));
        foreach (InfluxClient client in new[] { first, second })
        {
            await CheckFreeCoresAsync(client, fleet, player, stop.Token);
            await CheckQuestionAsync(client, stop.Token);
        }
        audit.Look(a => CheckBooks(a, player.CountReports()));
        CheckDeadLetters(kafka, broken);
        await stop.CancelAsync();
        await auditing;
    }

    private static bool CheckBooks(TopicAudit audit, long reports)
    {
        Assert.Equal(reports, audit.Fleet.ReportsSeen);
        Assert.Equal(reports, audit.Fleet.ReportsCounted + audit.Fleet.Late);
        Assert.Equal(0, audit.Fleet.Repeated);
        Assert.Equal(Cells * Slots, audit.Fleet.Steps);
        Assert.Equal(audit.Fleet.Steps, audit.Snapshots.Whole);
        Assert.Equal(audit.Fleet.Steps, audit.Communities.Whole);
        Assert.Equal(audit.Fleet.Steps, audit.Predictions.Whole);
        Assert.Equal(0, audit.Fleet.DuplicateChunks + audit.Snapshots.Duplicates + audit.Communities.Duplicates + audit.Predictions.Duplicates);
        Assert.Equal(Invocations, audit.Calls.Invocations);
        Assert.Equal(Invocations, audit.Calls.Dispatched + audit.Calls.Rejected);
        Assert.True(audit.Calls.Dispatched > Invocations * .9, $"{audit.Calls.Dispatched} of {Invocations} dispatched");
        Assert.Equal(audit.Calls.Dispatched, audit.Calls.Completed);
        Assert.Equal(0, audit.Calls.Duplicates + audit.Calls.Unasked);
        return true;
    }

    /// <summary>The hours' free cores as InfluxQL says them, summed over VMs and over communities, and as they follow from the trace.</summary>
    private static async Task CheckFreeCoresAsync(InfluxClient client, FleetTrace fleet, TracePlayer player, CancellationToken cancel)
    {
        const long HourNs = 3_600_000_000_000;
        SortedDictionary<long, double> expected = [];
        int first = fleet.SlotAt(player.StartUnixMs);
        for (int slot = first; slot < first + Slots; slot++)
        {
            long hour = (fleet.SlotStartUnixMs(slot) + fleet.SlotMs) * 1_000_000 / HourNs * HourNs;
            for (int vm = 0; vm < Vms; vm++)
            {
                float cpu = fleet.CpuAt(slot, vm);
                if (!float.IsNaN(cpu)) expected[hour] = expected.GetValueOrDefault(hour) + (fleet.Cores[vm] * Math.Max(0, 1.0 - cpu));
            }
        }
        string from = expected.Keys.First().ToString(CultureInfo.InvariantCulture), to = (expected.Keys.Last() + HourNs).ToString(CultureInfo.InvariantCulture);
        foreach (string measurement in new[] { "vm_step", "community_step" })
        {
            SortedDictionary<long, double> found = [];
            await foreach (InfluxRow row in client.QueryAsync($"SELECT SUM(free_cores) AS free FROM {measurement} WHERE time >= {from} AND time < {to} GROUP BY time(1h)", cancel))
                found[row.TimeUnixNs] = row.Float("free") ?? 0;
            Assert.Equal(expected.Keys, found.Keys);
            Assert.All(expected, e => Assert.Equal(e.Value, found[e.Key], e.Value * 1e-5));
        }
    }

    /// <summary>The README's question, and the same found by going through all steps.</summary>
    private static async Task CheckQuestionAsync(InfluxClient client, CancellationToken cancel)
    {
        Dictionary<(long Hour, string Cell, string Community), List<double>> hours = [];
        await foreach (InfluxRow row in client.QueryAsync("SELECT free_cores FROM community_step GROUP BY cell, community", cancel))
        {
            (long, string, string) key = (row.TimeUnixNs / 3_600_000_000_000, row.Tag("cell"), row.Tag("community"));
            if (!hours.TryGetValue(key, out List<double>? values)) hours[key] = values = [];
            values.Add(row.Float("free_cores")!.Value);
        }
        List<(string, string, double)> answer = [];
        await foreach (InfluxRow row in client.QueryAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "infra", "local", "questions", "free-capacity.influxql"), cancel), cancel))
            answer.Add((row.Text("cell")!, row.Text("community")!, Math.Round(row.Float("free_cores")!.Value, 6)));
        Assert.Equal(
            hours.Select(h => (h.Key.Cell, h.Key.Community, Math.Round(h.Value.Average(), 6))).OrderByDescending(h => h.Item3).Take(5).Order(),
            answer.Order());
        Assert.Equal(5, answer.Count);
    }

    private static void CheckDeadLetters(KafkaConnection kafka, List<BrokenRecord> broken)
    {
        List<string> missing = [.. broken.Select(b => b.Reason)];
        foreach (TopicSpec topic in broken.Select(b => b.Topic).Distinct())
        {
            foreach (ConsumeResult<byte[], byte[]> letter in CommittedRecords.Read(kafka, topic.DeadLetterName))
            {
                string reason = Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(DeadLetterHeaders.Reason));
                BrokenRecord? match = broken.FirstOrDefault(b => b.Topic == topic && b.Value.AsSpan().SequenceEqual(letter.Message.Value ?? []) && reason.Contains(b.Reason, StringComparison.Ordinal));
                Assert.True(match is not null, $"{topic.DeadLetterName} has a letter that nobody sent: {reason}");
                Assert.True(missing.Remove(match.Reason));
            }
        }
        Assert.Empty(missing);
    }

    private static async Task ReplayAsync(KafkaConnection kafka, params string[] what)
    {
        string[] part = ["replay", "--kafka", kafka.BootstrapServers, "--day", $"{Day}", "--hours", $"{Hours}", "--vms", $"{Vms}", "--cells", $"{Cells}"];
        (int exit, string output) = await ServiceProcess.RunAsync(Timeout, "ingest", [.. part, .. what]);
        Assert.True(exit == 0, output);
    }

    private static async Task SendAsync(KafkaConnection kafka, List<BrokenRecord> records)
    {
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(KafkaClients.ProducerConfig(kafka)).Build();
        foreach (BrokenRecord record in records) await producer.ProduceAsync(record.Topic.Name, new Message<string, byte[]> { Key = record.Key, Value = record.Value });
    }

    private static Task UntilAsync(ServiceProcess[] services, Func<bool> reached, CancellationToken cancel) => UntilAsync(services, () => Task.FromResult(reached()), cancel);

    private static async Task UntilAsync(ServiceProcess[] services, Func<Task<bool>> reached, CancellationToken cancel)
    {
        while (!await reached())
        {
            foreach (ServiceProcess service in services) service.AssertRunning();
            await Task.Delay(Look, cancel);
        }
    }
}
