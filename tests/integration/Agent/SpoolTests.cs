using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Agent;

/// <summary>The agent as a process against a broker of its own that goes away, killed (SIGKILL) again and again meanwhile.</summary>
public sealed class SpoolTests : IDisposable
{
    private const int Kills = 20;

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(3), Patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo spool = Directory.CreateTempSubdirectory("pipeline-agent-");

    [DistributionFact]
    public async Task Over_an_outage_and_twenty_kills_every_report_arrives_or_is_accounted_for()
    {
        await using KafkaBroker broker = await KafkaBroker.StartAsync(KafkaCluster.Distribution!);
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka);
        await LiveAsync(broker, Life + Life);
        await broker.KillAsync();
        for (int kill = 0; kill < Kills; kill++) await LiveAsync(broker, Life);
        broker.Restart();
        using Process last = Start(broker);
        try
        {
            using CancellationTokenSource patience = new(Patience);
            while (!IsDrained(Read(kafka))) await Task.Delay(TimeSpan.FromSeconds(1), patience.Token);
        }
        finally
        {
            last.Kill();
            await last.WaitForExitAsync();
        }
        List<VmReport> reports = Read(kafka);
        ulong[] numbers = [.. reports.Select(r => r.Sequence).Distinct().Order()];
        ulong dropped = reports.Max(r => AgentState.Parser.ParseFrom(r.Agent).Dropped);
        Assert.True(numbers.Length > Kills, $"only {numbers.Length} reports were made");
        Assert.Equal(numbers[^1], (ulong)numbers.Length + dropped);
        // A number is one report, however often it is sent.
        Assert.All(reports.GroupBy(r => r.Sequence), g => Assert.Single(g.Distinct()));
    }

    public void Dispose() => spool.Delete(recursive: true);

    /// <summary>The newest report is of after the outage and says that nothing but itself waited, and all before it are there.</summary>
    private static bool IsDrained(List<VmReport> reports)
    {
        if (reports.Count == 0) return false;
        VmReport newest = reports.MaxBy(r => r.Sequence)!;
        if (newest.Sequence <= Kills) return false;
        AgentState state = AgentState.Parser.ParseFrom(newest.Agent);
        return state.Waiting == 0 && (ulong)reports.Select(r => r.Sequence).Distinct().Count() + state.Dropped == newest.Sequence;
    }

    private async Task LiveAsync(KafkaBroker broker, TimeSpan life)
    {
        using Process agent = Start(broker);
        await Task.Delay(life);
        Assert.False(agent.HasExited, "the agent ended by itself");
        agent.Kill();
        await agent.WaitForExitAsync();
    }

    private Process Start(KafkaBroker broker)
    {
        // Its own output folder: the copy beside the tests is without what ASP.NET brings, which some of their other projects need.
        string build = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        ProcessStartInfo start = new("dotnet", [Path.Combine(Repository.Root, "ingest", "bin", build, "net10.0", "ingest.dll"), "agent", "--kafka", broker.BootstrapServers, "--vm", "vm", "--cell", "cell", "--interval", "1", "--spool", spool.FullName])
        {
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return process;
    }

    private static List<VmReport> Read(KafkaConnection kafka)
    {
        using IPartitionReader reader = new ConfluentClients(kafka, NullLoggerFactory.Instance).OpenReader();
        Dictionary<PartitionId, (long Low, long High)> marks = reader.PartitionsOf(Topics.VmMetrics.Name).ToDictionary(p => p, reader.Watermarks);
        reader.Assign(marks.ToDictionary(m => m.Key, m => m.Value.Low));
        List<VmReport> reports = [];
        while (marks.Any(m => reader.Position(m.Key) < m.Value.High))
            if (reader.TryPoll(TimeSpan.FromMilliseconds(200), out StreamRecord record)) reports.AddRange(VmReports.Parser.ParseFrom(record.Value).Reports);
        return reports;
    }

    /// <summary>Needs a distribution: a broker that is only reached cannot be killed.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class DistributionFactAttribute : FactAttribute
    {
        public DistributionFactAttribute() => Skip = KafkaCluster.Distribution is null ? "no Kafka distribution: set KAFKA_HOME (needs Java 17)" : null;
    }
}
