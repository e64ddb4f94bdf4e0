using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Ingest.Bridge;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Bridge;

/// <summary>What real agents sent, in one partition and with random keys over four, through bridges on a real broker that are stopped and started again in between.</summary>
[Collection(KafkaTests.Name)]
public sealed class SpreadTopicTests(KafkaCluster cluster)
{
    private const int Partitions = 4;

    private static readonly string[] Captures = ["otelcol_otlp_proto", "telegraf_influx", "collectd_json"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3), Look = TimeSpan.FromMilliseconds(500);

    [CaptureFact]
    public async Task Random_keys_give_exactly_the_reports_that_one_partition_gives()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        List<Topology> bridges = [];
        foreach (string topic in Captures)
        {
            TopicSpec source = BridgeCommand.SourceOf(topic) with { Partitions = Partitions };
            await TopicSetup.EnsureAsync(cluster.Connection, source);
            await TopicSetup.EnsureDeadLettersAsync(cluster.Connection, source);
            bridges.AddRange(BridgeCommand.StagesOf(source, keyed: false, OptionsOf(topic)));
        }
        await BridgeCommand.EnsureTopicsAsync(cluster.Connection, bridges);
        Dictionary<string, string[]> wanted = Captures.ToDictionary(c => c, InOnePartition);
        foreach (string capture in Captures) Send(capture, firstHalf: true);
        await RunUntilAsync(bridges, () => Reports(Captures[0]).Length > 0);
        foreach (string capture in Captures) Send(capture, firstHalf: false);
        await RunUntilAsync(bridges, () => Array.TrueForAll(Captures, c => Reports(c).Length >= wanted[c].Length));
        Assert.All(Captures, c =>
        {
            Assert.NotEmpty(wanted[c]);
            Assert.Equal(wanted[c], Reports(c));
        });
    }

    private static BridgeOptions OptionsOf(string topic) => new() { Cell = topic };

    private static StreamRecord[] Records(string capture) => [.. CaptureFile.Read(new FileInfo(Path.Combine(CaptureFactAttribute.Folder!, capture + ".jsonl")))];

    /// <summary>What a bridge of one partition makes of all records.</summary>
    private static string[] InOnePartition(string capture)
    {
        BridgeProcessor processor = new(OptionsOf(capture));
        ReportList reports = new();
        foreach (StreamRecord record in Records(capture)) processor.Process(record, reports);
        processor.CloseAll(reports);
        return Texts(reports.Found);
    }

    /// <summary>Each half goes to random partitions.</summary>
    private void Send(string capture, bool firstHalf)
    {
        StreamRecord[] all = Records(capture);
        Random random = new(1);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        foreach ((int i, StreamRecord record) in all.Index())
        {
            TopicPartition target = new(capture, random.Next(Partitions));
            if (i < all.Length / 2 != firstHalf) continue;
            producer.Produce(target, new Message<byte[], byte[]> { Key = Guid.NewGuid().ToByteArray(), Value = record.Value, Timestamp = new Timestamp(record.TimestampUnixMs, TimestampType.CreateTime) });
        }
        producer.Flush(Patience);
    }

    private async Task RunUntilAsync(IReadOnlyList<Topology> bridges, Func<bool> reached)
    {
        using CancellationTokenSource stop = new();
        StreamService[] services = [.. bridges.Select(b => new StreamService(b, cluster.Connection, new StreamOptions(), NullLoggerFactory.Instance, TimeProvider.System))];
        Task[] running = [.. services.Select(s => s.RunAsync(stop.Token))];
        try
        {
            using CancellationTokenSource patience = new(Patience);
            while (!reached()) await Task.Delay(Look, patience.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
            foreach (StreamService service in services) service.Dispose();
        }
    }

    private string[] Reports(string topic) => Texts(CommittedRecords.Read(cluster.Connection, Topics.VmMetrics.Name)
        .Where(r => Encoding.UTF8.GetString(r.Message.Key) == topic)
        .SelectMany(r => VmReports.Parser.ParseFrom(r.Message.Value).Reports));

    private static string[] Texts(IEnumerable<VmReport> reports) => [.. reports.OrderBy(r => r.Vm, StringComparer.Ordinal).ThenBy(r => r.TimeUnixMs).Select(r => JsonFormatter.Default.Format(r))];

    private sealed class ReportList : IOutput
    {
        public List<VmReport> Found { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T> => Found.AddRange(((VmReports)(object)value).Clone().Reports);

        public void DeadLetter(in StreamRecord record, string reason) => Assert.Fail(reason);
    }

    /// <summary>Needs a broker and the captures.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class CaptureFactAttribute : FactAttribute
    {
        public CaptureFactAttribute() => Skip = KafkaCluster.Unavailable ?? (Folder is null ? "PIPELINE_DATA does not name a folder with captures of agents" : null);

        public static string? Folder => Repository.Outside("PIPELINE_DATA", "data") is { } data && Directory.Exists(Path.Combine(data, "agents")) ? Path.Combine(data, "agents") : null;
    }
}
