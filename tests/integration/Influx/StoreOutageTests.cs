using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;
using Pipeline.Processors.Store;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;
using Xunit.Abstractions;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>The store is away for ten minutes of the writer's clock, while calls go on coming in. Broker and store are real, the clock is not.</summary>
[Collection(KafkaTests.Name)]
public sealed class StoreOutageTests(KafkaCluster cluster, ITestOutputHelper output)
{
    private const int Before = 500, Meanwhile = 60_000;

    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(10), Timeout = TimeSpan.FromMinutes(3);

    private readonly string tenant = "outage-" + Guid.NewGuid().ToString("N");

    [OutageFact]
    public async Task Nothing_is_lost_and_memory_stays_flat_while_the_store_is_away()
    {
        await TopicSetup.EnsureAsync(cluster.Connection, CancellationToken.None);
        await using Influx1Server server = await Influx1Server.StartAsync();
        using CancellationTokenSource stop = new(Timeout);
        FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
        using Gate gate = new();
        // The writer's clock runs far ahead of the server's: the time-out must not be what is tested.
        using InfluxClient influx = new(server.Options("outage") with { RequestTimeout = TimeSpan.FromHours(10) }, NullLoggerFactory.Instance, time, gate);
        using InfluxClient beside = await InfluxContract.OpenAsync(server.Options("outage"));
        TimeSeriesWriterOptions options = new() { Group = tenant };
        TimeSeriesWriter writer = new(new ConfluentClients(cluster.Connection, NullLoggerFactory.Instance), influx, options, NullLoggerFactory.Instance, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        Task run = writer.RunAsync(end.Token);

        Send(0, Before);
        await UntilAsync(async () => await StoredAsync(beside) == Before, time, stop.Token);
        gate.Closed = true;
        Send(Before, Meanwhile);
        await UntilAsync(() => Task.FromResult(writer.Retries > 0), time, stop.Token);
        long first = Memory();
        DateTimeOffset from = time.GetUtcNow();
        long highest = 0;
        while (time.GetUtcNow() - from < Outage)
        {
            await TickAsync(time, stop.Token);
            if ((time.GetUtcNow() - from).TotalSeconds % 60 < 1) highest = Math.Max(highest, Memory());
        }
        long stored = writer.PointsStored, retries = writer.Retries;
        int requests = gate.Refused;
        gate.Closed = false;
        await UntilAsync(async () => await StoredAsync(beside) == Before + Meanwhile, time, stop.Token);
        await end.CancelAsync();
        await run;

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"managed memory {first / 1e6:0.0} MB when the store went, at most {highest / 1e6:0.0} MB in ten minutes; {retries} tries of the batch, {requests} requests; {writer.Retries} in all"));
        Assert.True(retries > 2);
        Assert.True(stored < Before + Meanwhile);
        Assert.InRange(highest - first, long.MinValue, 16_000_000);
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private static async Task UntilAsync(Func<Task<bool>> done, FakeTimeProvider time, CancellationToken cancel)
    {
        while (!await done()) await TickAsync(time, cancel);
    }

    private static async Task TickAsync(FakeTimeProvider time, CancellationToken cancel)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        // The broker's and the store's own time: it is their threads that work.
        await Task.Delay(5, cancel);
    }

    private async Task<long> StoredAsync(InfluxClient influx)
    {
        List<InfluxRow> rows = await InfluxContract.RowsAsync(influx, $"SELECT COUNT(wall_ms) FROM function_completion WHERE tenant = '{tenant}'");
        return rows is [{ } row] ? row.Integer("count") ?? 0 : 0;
    }

    private void Send(int first, int count)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        for (int i = first; i < first + count; i++)
        {
            // A millisecond of its own for each: identities are the writer's, and none must be another's.
            Completion value = new() { InvocationId = $"{tenant}-{i}", Function = "f", Tenant = tenant, Vm = "vm", TimeUnixMs = now - i, Outcome = Completion.Types.Outcome.Succeeded, WallMs = 1 };
            while (true)
            {
                try
                {
                    producer.Produce(Topics.FunctionCompletions.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes("f"), Value = value.ToByteArray() });
                    break;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(100));
                }
            }
        }
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>A cable that can be pulled.</summary>
    private sealed class Gate : DelegatingHandler
    {
        private volatile bool closed;
        private int refused;

        public Gate()
            : base(new SocketsHttpHandler())
        {
        }

        public bool Closed { get => closed; set => closed = value; }

        public int Refused => refused;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!Closed) return base.SendAsync(request, cancellationToken);
            Interlocked.Increment(ref refused);
            throw new HttpRequestException("the cable is out");
        }
    }
}
