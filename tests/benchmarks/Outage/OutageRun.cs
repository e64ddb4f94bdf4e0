using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Influx;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;
using Pipeline.Tests.Integration.Influx;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Benchmarks.Outage;

/// <summary>
/// The program <c>processors store</c> between a broker and an InfluxDB 1.x, all processes of their own. Completions are sent evenly all the
/// time, each a point of its own; the store is killed in the middle and started again over its files.
/// </summary>
internal sealed class OutageRun(TimeSpan outage, int rate)
{
    private const string Database = "outage";

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(60), Look = TimeSpan.FromSeconds(2), CatchUpMax = TimeSpan.FromMinutes(10);

    private long sent;

    public async Task RunAsync(CancellationToken cancel)
    {
        if (Influx1Server.Unavailable is { } reason) throw new UserException(reason);
        await using KafkaBroker broker = await Broker.StartAsync();
        await using Influx1Server server = await Influx1Server.StartAsync();
        KafkaConnection kafka = new(broker.BootstrapServers);
        await TopicSetup.EnsureAsync(kafka, cancel);
        using InfluxClient client = new(server.Options(Database), NullLoggerFactory.Instance, TimeProvider.System);
        await client.EnsureTargetAsync(cancel);
        using Process writer = StartWriter(kafka, server.Url);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            Task sending = Task.Run(() => SendAsync(kafka, stop.Token), CancellationToken.None);
            double before = await WatchAsync(writer, Before, cancel);
            long storedBefore = await StoredAsync(client, cancel);
            await server.StopAsync();
            double early = await WatchAsync(writer, outage / 10, cancel), late = await WatchAsync(writer, outage * .9, cancel);
            long waiting = Interlocked.Read(ref sent) - storedBefore;
            await server.StartAgainAsync();
            long back = Stopwatch.GetTimestamp();
            await stop.CancelAsync();
            await sending;
            double after = 0;
            long stored = 0;
            while ((stored = await StoredAsync(client, cancel)) < sent && Stopwatch.GetElapsedTime(back) < CatchUpMax) after = Math.Max(after, await WatchAsync(writer, Look, cancel));
            TimeSpan took = Stopwatch.GetElapsedTime(back);
            // Whatever would come twice, or still come, has come by then.
            await Task.Delay(Look * 5, cancel);
            stored = await StoredAsync(client, cancel);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"away for {outage.TotalMinutes:0.#} min, {sent} points sent at {rate}/s, {waiting} of them waited"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lost {Math.Max(0, sent - stored)}, duplicated {Math.Max(0, stored - sent)}, all there {took.TotalSeconds:0} s after the store was back"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"highest resident memory of the writer, MiB: before {before:0.0}, first tenth of the outage {early:0.0}, rest of it {late:0.0}, catching up {after:0.0}"));
        }
        finally
        {
            await stop.CancelAsync();
            writer.Kill();
        }
    }

    private static Process StartWriter(KafkaConnection kafka, Uri url)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "processors");
        Process process = Process.Start(new ProcessStartInfo(program, ["store", "--kafka", kafka.BootstrapServers, "--influx", url.ToString(), "--database", Database]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Highest resident memory over so long, MiB.</summary>
    private static async Task<double> WatchAsync(Process process, TimeSpan time, CancellationToken cancel)
    {
        double highest = 0;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            if (process.HasExited) throw new UserException($"the writer has ended with {process.ExitCode}");
            highest = Math.Max(highest, ProcessMemory.OfMiB(process.Id));
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        }
        return highest;
    }

    private static async Task<long> StoredAsync(InfluxClient client, CancellationToken cancel)
    {
        long found = 0;
        await foreach (InfluxRow row in client.QueryAsync("SELECT COUNT(wall_ms) FROM function_completion", cancel)) found += row.Integer("count") ?? 0;
        return found;
    }

    private async Task SendAsync(KafkaConnection kafka, CancellationToken cancel)
    {
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.ProducerConfig(kafka)).Build();
        long begin = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), start = Stopwatch.GetTimestamp();
        while (!cancel.IsCancellationRequested)
        {
            long due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * rate);
            for (; sent < due; Interlocked.Increment(ref sent))
            {
                // A millisecond of its own for each: none may be another's point.
                Completion value = new() { InvocationId = sent.ToString(CultureInfo.InvariantCulture), Function = $"f-{sent % 50}", Tenant = $"t-{sent % 5}", Vm = $"vm-{sent % 100}", TimeUnixMs = begin - sent, Outcome = Completion.Types.Outcome.Succeeded, WallMs = 1 };
                producer.Produce(Topics.FunctionCompletions.Name, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(value.Function), Value = value.ToByteArray() });
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }
        producer.Flush(TimeSpan.FromSeconds(60));
    }
}
