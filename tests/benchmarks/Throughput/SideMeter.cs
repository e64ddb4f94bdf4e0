using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>Measures this process from its first record until its group has committed all that the topic holds, as the Kafka Streams side does.</summary>
internal sealed class SideMeter(KafkaConnection kafka, string group, long records)
{
    private static readonly TimeSpan FirstRecordLook = TimeSpan.FromMilliseconds(5), CommittedLook = TimeSpan.FromMilliseconds(100);

    /// <param name="seen">Records processed so far.</param>
    /// <param name="running">The side; it ends early only by failing.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<SideResult> RunAsync(Func<long> seen, Task running, CancellationToken cancel)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        while (seen() == 0) await WaitAsync(FirstRecordLook, running, cancel);
        using Process process = Process.GetCurrentProcess();
        long started = Stopwatch.GetTimestamp();
        TimeSpan cpu = process.TotalProcessorTime, jit = JitInfo.GetCompilationTime(), pauses = GC.GetTotalPauseDuration();
        while (await CommittedAsync(admin) < records) await WaitAsync(CommittedLook, running, cancel);
        process.Refresh();
        return new SideResult(records, Stopwatch.GetElapsedTime(started).TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds)
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"compiling {(JitInfo.GetCompilationTime() - jit).TotalSeconds:F2} s, collecting {(GC.GetTotalPauseDuration() - pauses).TotalSeconds:F2} s"),
        };
    }

    private static async Task WaitAsync(TimeSpan time, Task running, CancellationToken cancel)
    {
        if (await Task.WhenAny(running, Task.Delay(time, cancel)) == running) await running;
        cancel.ThrowIfCancellationRequested();
    }

    private async Task<long> CommittedAsync(IAdminClient admin)
    {
        List<TopicPartition> partitions = [.. Enumerable.Range(0, Topics.DefaultPartitions).Select(p => new TopicPartition(Topics.VmMetrics.Name, p))];
        List<ListConsumerGroupOffsetsResult> results = await admin.ListConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitions(group, partitions)]);
        return results[0].Partitions.Sum(p => Math.Max(0, p.Offset.Value));
    }
}
