using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks.Latency;

/// <summary>
/// A gateway, the dispatcher in a process of its own, workers that complete what they get, and a reader of committed dispatches.
/// Calls are due at fixed moments; a latency counts from the moment a call is due, so that a stall is charged to all calls it holds up.
/// </summary>
internal sealed class LatencyRun(LatencyOptions options)
{
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(20);

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        await using KafkaBroker broker = await Broker.StartSmallAsync();
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka, cancel);
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(GatewayConfig(kafka)).Build();
        // As a worker's: completions are in nobody's way for some milliseconds.
        using IProducer<byte[], byte[]> worker = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(kafka)).Build();
        CallSchedule schedule = new(options);
        schedule.SendPrediction(producer);
        using Process dispatcher = ChildProcess.StartSelf(DispatcherCommand.Arguments(kafka));
        Task<string> complaints = dispatcher.StandardError.ReadToEndAsync(cancel);
        try
        {
            using DispatchReader reader = new(kafka, options.Calls, worker);
            await Task.Delay(JoinTime, cancel);
            Task reading = reader.RunAsync(cancel);
            await schedule.SendAsync(producer, cancel);
            if (await Task.WhenAny(reading, Task.Delay(Patience, cancel)) == reading) await reading;
            Print(reader, schedule);
            if (dispatcher.HasExited) throw new UserException("the dispatcher ended: " + await complaints);
        }
        finally
        {
            dispatcher.Kill();
            await dispatcher.WaitForExitAsync(CancellationToken.None);
        }
        return 0;
    }

    /// <summary>A gateway that waits for nothing: its calls are too few to be batched.</summary>
    private static ProducerConfig GatewayConfig(KafkaConnection kafka)
    {
        ProducerConfig config = KafkaClients.ProducerConfig(kafka);
        config.LingerMs = 0;
        return config;
    }

    private void Print(DispatchReader reader, CallSchedule schedule)
    {
        double[] ms = [.. reader.SeenAt.Skip(options.WarmUpCalls).Select((at, i) => (At: at, Due: schedule.DueAt(options.WarmUpCalls + i))).Where(c => c.At > 0).Select(c => Stopwatch.GetElapsedTime(c.Due, c.At).TotalMilliseconds).Order()];
        int wanted = options.Calls - options.WarmUpCalls;
        Say($"{options.Rate} calls/s for {options.Duration.TotalSeconds} s to {options.Vms} VMs: {ms.Length:N0} of {wanted:N0} answered, {reader.Rejected:N0} of all rejected, {reader.Repeated:N0} seen twice");
        if (ms.Length == 0) return;
        Console.WriteLine("| invocation to committed dispatch | p50 | p90 | p99 | p99.9 | max |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|");
        Say($"| ms | {At(.5):F1} | {At(.9):F1} | {At(.99):F1} | {At(.999):F1} | {ms[^1]:F1} |");

        double At(double share) => ms[Math.Min(ms.Length - 1, (int)Math.Ceiling(share * ms.Length) - 1)];
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
