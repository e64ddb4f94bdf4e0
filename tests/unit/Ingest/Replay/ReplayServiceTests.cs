using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Ingest.Replay;
using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Ingest.Replay;

public sealed class ReplayServiceTests : IDisposable
{
    private static readonly ReplayOptions Options = new() { Cells = 2, Invocations = 50, InvocationsAfter = TimeSpan.FromMinutes(5) };

    private readonly EmbeddedKafka kafka = new(NullLoggerFactory.Instance);
    private readonly TracePlayer player = new(SmallTraces.Fleet(), SmallTraces.Functions(), Options);

    [Fact]
    public async Task Every_record_is_on_its_topic_under_its_key_and_counted()
    {
        ReplayService service = Service(kafka.Connection);
        await service.RunAsync(CancellationToken.None);

        TraceEvent[] played = [.. player.Play()];
        Assert.Equal((11L, 50L, played[^1].TimeUnixMs), (service.ReportsSent, service.InvocationsSent, service.EventTimeUnixMs));
        foreach (TopicSpec topic in (TopicSpec[])[Topics.VmMetrics, Topics.FunctionInvocations])
        {
            var sent = played.Where(e => e.Topic == topic).GroupBy(e => e.Key, e => e.Value.ToString()!).ToDictionary(g => g.Key, g => g.ToList());
            var read = Read(topic, sent.Sum(g => g.Value.Count)).GroupBy(r => r.Key, r => r.Value).ToDictionary(g => g.Key, g => g.ToList());
            Assert.Equal(sent.OrderBy(g => g.Key), read.OrderBy(g => g.Key));
        }
    }

    [Fact]
    public async Task Each_interval_waits_until_it_is_let_go()
    {
        List<(long Time, long Before)> asked = [];
        ReplayService? service = null;
        service = new ReplayService(kafka.Connection, Options, player, NullLoggerFactory.Instance, TimeProvider.System)
        {
            BeforeInterval = (time, _) =>
            {
                asked.Add(((time - SmallTraces.Start) / SmallTraces.SlotMs, service!.EventTimeUnixMs));
                return ValueTask.CompletedTask;
            },
        };
        await service.RunAsync(CancellationToken.None);

        Assert.Equal([0L, 1, 2, 3], asked.Select(a => a.Time));
        Assert.All(asked, a => Assert.True(a.Before <= SmallTraces.Start + (a.Time * SmallTraces.SlotMs)));
    }

    [Fact]
    public async Task A_cancelled_replay_ends()
    {
        using CancellationTokenSource stop = new();
        ReplayService service = new(kafka.Connection, Options, player, NullLoggerFactory.Instance, TimeProvider.System)
        {
            BeforeInterval = async (_, cancel) =>
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancel);
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.RunAsync(stop.Token));
        Assert.Equal(0, service.ReportsSent);
    }

    [Fact]
    public async Task A_record_that_is_not_delivered_is_an_error()
    {
        KafkaConnection nobody = new("127.0.0.1:1") { Settings = new Dictionary<string, string> { ["message.timeout.ms"] = "200", ["linger.ms"] = "0" } };

        UserException error = await Assert.ThrowsAsync<UserException>(() => Service(nobody).RunAsync(CancellationToken.None));

        Assert.StartsWith("a record was not delivered to 127.0.0.1:1: ", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => kafka.Dispose();

    private ReplayService Service(KafkaConnection connection) => new(connection, Options, player, NullLoggerFactory.Instance, TimeProvider.System);

    private List<(string Key, string Value)> Read(TopicSpec topic, int count)
    {
        using IConsumer<string, byte[]> consumer = new ConsumerBuilder<string, byte[]>(KafkaClients.ConsumerConfig(kafka.Connection, "test")).Build();
        consumer.Assign(Enumerable.Range(0, topic.Partitions).Select(p => new TopicPartitionOffset(topic.Name, p, Offset.Beginning)));
        List<(string, string)> records = [];
        while (records.Count < count && consumer.Consume(TimeSpan.FromSeconds(20)) is { } record)
            records.Add((record.Message.Key, topic == Topics.VmMetrics ? VmReports.Parser.ParseFrom(record.Message.Value).ToString() : Invocation.Parser.ParseFrom(record.Message.Value).ToString()));
        return records;
    }
}
