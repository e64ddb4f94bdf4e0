using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Processors.Service;
using Pipeline.Processors.Windows;
using Pipeline.Tests.Benchmarks.Throughput;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks.Restore;

/// <summary>
/// The processors work through days of reports; then they are started again under the same group, with nothing in memory, and timed until
/// all partitions are theirs and restored: joining the group, vm.steps and graph.communities read back, the graph made anew, the reports
/// that are not final fed again.
/// </summary>
internal sealed class RestoreRun(int vms, int cells, double days, int repetitions)
{
    private const int StepMs = 300_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5), Progress = TimeSpan.FromSeconds(10);

    private readonly int rounds = (int)Math.Ceiling(days * 86_400_000 / StepMs) + 1;

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        await using KafkaBroker broker = await Broker.StartAsync();
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka, cancel);
        long bytes = TopicFill.Run(kafka, new ReportFleet(vms, cells, StepMs), rounds * vms, cancel);
        Say($"{rounds * vms:N0} reports of {vms:N0} VMs in {cells} cells written, {bytes / 1e6:N0} MB");
        TimeSpan worked = await StartAsync(kafka, s => s.Input >= (long)rounds * vms, cancel);
        Say($"worked through in {worked.TotalSeconds:N1} s");
        for (int i = 0; i < repetitions; i++)
        {
            TimeSpan restored = await StartAsync(kafka, s => s.Partitions == Schemas.Topics.DefaultPartitions, cancel);
            Say($"restored {(rounds - 1) * vms:N0} steps of VMs in {restored.TotalSeconds:N2} s");
        }
        return 0;
    }

    /// <summary>Starts the service and stops it again as soon as it has got somewhere.</summary>
    private static async Task<TimeSpan> StartAsync(KafkaConnection kafka, Func<StreamStatus, bool> reached, CancellationToken cancel)
    {
        using ILoggerFactory log = Log.ToConsole(LogLevel.Warning);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using StreamService service = new(StepTopology.Create(new StepOptions()), kafka, StepTopology.Stream, log, TimeProvider.System);
        long started = Stopwatch.GetTimestamp(), told = started;
        Task running = service.RunAsync(stop.Token);
        while (!reached(service.Status) && !running.IsCompleted)
        {
            await Task.Delay(Look, cancel);
            if (Stopwatch.GetElapsedTime(told) < Progress) continue;
            told = Stopwatch.GetTimestamp();
            Say($"  {service.Status.Input:N0} reports read");
        }
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        await stop.CancelAsync();
        await running;
        return elapsed;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
