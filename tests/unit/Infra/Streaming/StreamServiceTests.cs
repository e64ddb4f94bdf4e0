using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Unit.Infra.Streaming;

public sealed class StreamServiceTests
{
    private readonly FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeMilliseconds(Schemas.Samples.Time));
    private readonly SimulatedKafka kafka;

    public StreamServiceTests() => kafka = SimulatedKafka.WithCatalogue(time);

    [Theory]
    [InlineData(RestartReason.TimeoutUnknownOutcome, "timeout-unknown-outcome")]
    [InlineData(RestartReason.Fenced, "fenced")]
    [InlineData(RestartReason.LostPartitions, "lost-partitions")]
    [InlineData(RestartReason.Client, "client")]
    public async Task A_client_that_fails_ends_a_life_which_is_counted_by_reason_and_the_next_opens_the_same_id(RestartReason reason, string name)
    {
        kafka.Append(Topics.VmMetrics.Name, "a"u8.ToArray(), []);
        FailingClients clients = new(new SimulatedClients(kafka), new StreamClientException("no") { Reason = reason });
        using StreamService service = new(Topology(), clients, new StreamOptions { CommitInterval = TimeSpan.Zero }, NullLoggerFactory.Instance, time);
        using CancellationTokenSource stop = new();
        Task run = service.RunAsync(stop.Token);
        await clients.Failed.Task;
        // The next life begins after a delay, on the same clock.
        while (service.Status.Transactions == 0)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await stop.CancelAsync();
        await run;
        Assert.Equal(["echo-0", "echo-0"], clients.Opened);
        Assert.Equal(1, service.Status.RestartsBy(reason));
        Assert.Equal(1, service.Status.Restarts);
        Assert.Equal(1, Measured(service.Status, name));
    }

    [Fact]
    public async Task A_processor_that_throws_ends_the_service()
    {
        kafka.Append(Topics.VmMetrics.Name, "a"u8.ToArray(), []);
        Topology topology = Topology() with { CreateProcessor = _ => new Processor(() => throw new InvalidDataException("defect")) };
        using StreamService service = new(topology, new SimulatedClients(kafka), new StreamOptions(), NullLoggerFactory.Instance, time);
        await Assert.ThrowsAsync<InvalidDataException>(() => service.RunAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_open_transaction_is_committed_at_the_end()
    {
        kafka.Append(Topics.VmMetrics.Name, "a"u8.ToArray(), []);
        TaskCompletionSource processed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Topology topology = Topology() with { CreateProcessor = _ => new Processor(() => processed.TrySetResult()) };
        using StreamService service = new(topology, new SimulatedClients(kafka), new StreamOptions { CommitInterval = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance, time);
        await RunUntilAsync(service, processed.Task);
        Assert.Equal(1, service.Status.Transactions);
        Assert.Equal(1, kafka.PartitionsOf(Topics.VmMetrics.Name).Sum(p => kafka.Group("echo").Committed(p) ?? 0));
    }

    [Fact]
    public async Task A_restore_under_way_ends_when_cancelled()
    {
        TaskCompletionSource restoring = new(TaskCreationOptions.RunContinuationsAsynchronously);
        kafka.Append(Topics.VmSteps.Name, "a"u8.ToArray(), []);
        foreach (PartitionId id in kafka.PartitionsOf(Topics.VmSteps.Name)) HoldOpen(id);
        Topology topology = Topology() with { Changelogs = [Topics.VmSteps], CreateProcessor = _ => new Processor(() => { }) };
        using StreamService service = new(topology, new SimulatedClients(kafka), new StreamOptions(), NullLoggerFactory.Instance, time);
        Task run = WatchAsync(service, s => s.Status.Progress.IsRestoring, restoring);
        await RunUntilAsync(service, restoring.Task);
        await run;
        Assert.Equal(0, service.Status.Transactions);
        Assert.Equal(0, service.Status.Restarts);
    }

    [Fact]
    public async Task Reading_global_topics_ends_when_cancelled()
    {
        TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        HoldOpen(new PartitionId(Topics.VmPredictions.Name, 0));
        Topology topology = Topology() with { Globals = [Topics.VmPredictions], Global = new Ignoring() };
        using StreamService service = new(topology, new SimulatedClients(kafka), new StreamOptions(), NullLoggerFactory.Instance, time);
        Task run = WatchAsync(service, s => s.Status.Progress.IsRestoring, reading);
        await RunUntilAsync(service, reading.Task);
        await run;
        Assert.Equal(0, service.Status.Restarts);
    }

    [Fact]
    public async Task The_pause_before_a_new_life_ends_when_cancelled()
    {
        kafka.Append(Topics.VmMetrics.Name, "a"u8.ToArray(), []);
        FailingClients clients = new(new SimulatedClients(kafka), new StreamClientException("no"));
        using StreamService service = new(Topology(), clients, new StreamOptions { CommitInterval = TimeSpan.Zero }, NullLoggerFactory.Instance, time);
        // The clock stands still: the pause would never end by itself.
        await RunUntilAsync(service, clients.Failed.Task);
        Assert.Single(clients.Opened);
    }

    private static async Task RunUntilAsync(StreamService service, Task reached)
    {
        using CancellationTokenSource stop = new();
        Task run = service.RunAsync(stop.Token);
        await Task.WhenAny(reached, run);
        await stop.CancelAsync();
        await run;
    }

    private static async Task WatchAsync(StreamService service, Func<StreamService, bool> when, TaskCompletionSource reached)
    {
        while (!when(service)) await Task.Yield();
        reached.SetResult();
    }

    /// <summary>Leaves a transaction open in a partition: nobody reads past it.</summary>
    private void HoldOpen(PartitionId id)
    {
        int epoch = kafka.InitTransactions("holds " + id);
        SimulatedTransaction open = kafka.Begin("holds " + id, epoch);
        kafka.Send("holds " + id, epoch, open, id, new SimulatedRecord { Key = [], Value = [] });
    }

    /// <summary>What a listener of the meter gets for a reason.</summary>
    private static long Measured(StreamStatus status, string reason)
    {
        long sum = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == "stream.restarts") l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            KeyValuePair<string, object?>[] all = tags.ToArray();
            if (all.Contains(new("service", status.Service)) && all.Contains(new("reason", reason))) sum += value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }

    private static Topology Topology() => new()
    {
        Name = "echo",
        Source = Topics.VmMetrics,
        CreateProcessor = _ => new Processor(() => { }),
    };

    private sealed class Processor(Action act) : IProcessor
    {
        public void Process(in StreamRecord record, IOutput output) => act();
    }

    private sealed class Ignoring : IGlobalReader
    {
        public void Apply(in StreamRecord record, IOutput output)
        {
        }
    }

    /// <summary>Their first commit fails.</summary>
    private sealed class FailingClients(IStreamClients inner, StreamClientException failure) : IStreamClients
    {
        private bool failed;

        public List<string> Opened { get; } = [];

        public TaskCompletionSource Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IGroupConsumer Subscribe(string group, IReadOnlyList<string> topics, IAssignmentListener listener) => inner.Subscribe(group, topics, listener);

        public IPartitionReader OpenReader() => inner.OpenReader();

        public ITransactionalProducer OpenProducer(string transactionalId)
        {
            Opened.Add(transactionalId);
            return new Producer(inner.OpenProducer(transactionalId), this);
        }

        private sealed class Producer(ITransactionalProducer inner, FailingClients clients) : ITransactionalProducer
        {
            public void Begin() => inner.Begin();

            public void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers) => inner.Send(topic, partition, key, value, headers);

            public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer)
            {
                if (!clients.failed)
                {
                    clients.failed = true;
                    clients.Failed.SetResult();
                    throw clients.failure;
                }
                inner.Commit(offsets, consumer);
            }

            public void Abort() => inner.Abort();

            public void Dispose() => inner.Dispose();
        }

        private readonly StreamClientException failure = failure;
    }
}
