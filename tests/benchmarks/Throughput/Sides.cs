using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>The sides that run in this program. Each reads vm.metrics from its start under a group of its own.</summary>
internal static class Sides
{
    /// <summary>A loop over Confluent.Kafka's consumer that looks at nothing: what consuming alone costs.</summary>
    public const string Consume = "consume";

    /// <summary>Reports to steps, exactly once, as the service runs it; without snapshots and communities.</summary>
    public const string Windows = "windows";

    /// <summary>The whole service: steps, graph, snapshots and communities.</summary>
    public const string Steps = "steps";

    public const string KafkaStreams = "kafka-streams";

    public static readonly string[] All = [Consume, Windows, Steps, KafkaStreams];

    public static async Task<SideResult> RunAsync(string side, KafkaConnection kafka, string group, long records, CancellationToken cancel)
    {
        SideMeter meter = new(kafka, group, records);
        return side switch
        {
            Consume => await ConsumeAsync(meter, kafka, group, records, cancel),
            Windows => await ServeAsync(meter, kafka, group, new StepOptions { Snapshots = false }, cancel),
            Steps => await ServeAsync(meter, kafka, group, new StepOptions(), cancel),
            _ => throw new UserException($"no side is called '{side}'"),
        };
    }

    private static async Task<SideResult> ServeAsync(SideMeter meter, KafkaConnection kafka, string group, StepOptions options, CancellationToken cancel)
    {
        using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using StreamService service = new(StepTopology.Create(options) with { Name = group }, kafka, StepTopology.Stream, log, TimeProvider.System);
        Task running = service.RunAsync(stop.Token);
        SideResult result = await meter.RunAsync(() => service.Status.Input, running, cancel);
        if (service.Status.DeadLetters + service.Status.Restarts > 0)
            throw new UserException($"{service.Status.DeadLetters} dead letters and {service.Status.Restarts} restarts: nothing was measured");
        await stop.CancelAsync();
        await running;
        return result;
    }

    private static async Task<SideResult> ConsumeAsync(SideMeter meter, KafkaConnection kafka, string group, long records, CancellationToken cancel)
    {
        long seen = 0;
        using IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(KafkaClients.ConsumerConfig(kafka, group)).Build();
        consumer.Subscribe(Topics.VmMetrics.Name);
        Task running = Task.Factory.StartNew(Loop, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        SideResult result = await meter.RunAsync(() => Volatile.Read(ref seen), Ending(), cancel);
        await running;
        consumer.Close();
        return result;

        // The loop ends when all is read, and fails earlier or not at all.
        async Task Ending()
        {
            await running;
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }

        void Loop()
        {
            for (long count = 1; count <= records; count++)
            {
                consumer.Consume(cancel);
                Volatile.Write(ref seen, count);
            }
            consumer.Commit(consumer.Assignment.Select(p => new TopicPartitionOffset(p, consumer.Position(p))));
        }
    }
}
