using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.TimeAware;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.TimeAware;

/// <summary>The advice service on a real broker. The cell carries a run's number: the topics are shared with other tests.</summary>
[Collection(KafkaTests.Name)]
public sealed class AdviceServiceTests(KafkaCluster cluster)
{
    private const int Vms = 4, Hours = 8 * 24, Before = 6 * 24;
    private const long Hour = 3_600_000, Monday = 1_767_571_200_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string run = Guid.NewGuid().ToString("N");

    private string Cell => "cell-" + run;

    [KafkaFact]
    public async Task Advice_goes_on_over_a_restart_as_if_there_had_been_none_and_says_when_it_changed()
    {
        await TopicSetup.EnsureAsync(cluster.Connection);
        using CancellationTokenSource stop = new(Patience);
        Send(0, Before);
        await RunUntilAsync(Before, stop.Token);
        Send(Before, Hours);
        await RunUntilAsync(Hours, stop.Token);

        List<AdviceChunk> said = Said();
        Assert.Equal(Wanted(), said);
        uint before = 0;
        int changes = 0;
        foreach (AdviceChunk chunk in said)
        {
            GroupAdvice whole = chunk.Groups[0];
            Assert.Equal(whole.VmsWanted[0] != before || chunk == said[0], whole.WantedSinceUnixMs == chunk.SlotEndUnixMs);
            if (whole.VmsWanted[0] != before) changes++;
            before = whole.VmsWanted[0];
        }
        Assert.InRange(changes, 2, Hours);
    }

    private async Task RunUntilAsync(int chunks, CancellationToken cancel)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        LiveFleet live = new(new SlotClock(), ProfileOptions.Default);
        Topology topology = AdviceTopology.Create(live, new ScaleRequest());
        Topology own = topology with { Name = topology.Name + "-" + run, CreateProcessor = partition => new OwnProcessor(run, topology.CreateProcessor(partition)), Global = new OwnReader(run, live) };
        using StreamService service = new(own, cluster.Connection, new StreamOptions { CommitInterval = TimeSpan.Zero }, NullLoggerFactory.Instance, TimeProvider.System);
        Task running = service.RunAsync(end.Token);
        while (Said().Count < chunks && !running.IsCompleted) await Task.Delay(TimeSpan.FromMilliseconds(300), cancel);
        await end.CancelAsync();
        await running;
    }

    private List<AdviceChunk> Said() =>
        [.. CommittedRecords.Read(cluster.Connection, Topics.FleetAdvice.Name).Select(r => AdviceChunk.Parser.ParseFrom(r.Message.Value)).Where(c => c.Cell == Cell)];

    /// <summary>What one life says that sees all steps.</summary>
    private List<AdviceChunk> Wanted()
    {
        Output output = new();
        AdviceProcessor processor = new(new LiveFleet(new SlotClock(), ProfileOptions.Default), new ScaleRequest());
        for (int h = 0; h < Hours; h++)
            processor.Process(new StreamRecord { Topic = Topics.VmSteps.Name, Partition = 0, Offset = h, TimestampUnixMs = 0, Key = Encoding.UTF8.GetBytes(Cell), Value = Step(h).ToByteArray() }, output);
        return output.Advice;
    }

    private void Send(int from, int to)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(cluster.Connection)).Build();
        for (int h = from; h < to; h++) producer.Produce(Topics.VmSteps.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(Cell), Value = Step(h).ToByteArray() });
        producer.Flush(Patience);
    }

    private StepChunk Step(int hour)
    {
        StepChunk step = new() { Cell = Cell, StepEndUnixMs = Monday + ((hour + 1) * Hour), StepMs = (uint)Hour, Chunks = 1 };
        // Busy days, quiet nights, and a little that repeats itself only after a week.
        float cpu = (hour % 24 is >= 8 and < 18 ? .6f : .15f) + (.02f * (hour * 37 % 7));
        for (int v = 0; v < Vms; v++)
        {
            step.Vms.Add(new VmStep
            {
                Vm = string.Create(CultureInfo.InvariantCulture, $"vm-{v}-{run}"),
                Cores = 4,
                MemoryBytes = 1 << 30,
                Reports = 1,
                Completeness = 1,
                Own = new Signals { CpuUtilization = cpu, MemoryUtilization = .5f },
            });
        }
        return step;
    }

    private sealed class Output : IOutput
    {
        public List<AdviceChunk> Advice { get; } = [];

        public void Emit<T>(TopicSpec<T> topic, string key, T value)
            where T : IMessage<T>
        {
            if (value is AdviceChunk advice) Advice.Add(advice.Clone());
        }

        public void DeadLetter(in StreamRecord record, string reason) => Assert.Fail(reason);
    }
}
