using System.Diagnostics;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Telemetry;
using Pipeline.Ingest.Replay.Faults;
using Pipeline.Ingest.Replay.Foreign;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Replay;

/// <summary>Sends what a <see cref="TracePlayer"/> plays to Kafka, in the order and at the pace of event time.</summary>
public sealed class ReplayService(KafkaConnection kafka, ReplayOptions options, TracePlayer player, ILoggerFactory log, TimeProvider time)
{
    /// <summary>Shorter waits are not worth a timer: they are made up for by the next one.</summary>
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    /// <summary>While the client's queue is full, room is asked for this often.</summary>
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(10);

    private readonly ILogger logger = log.CreateLogger<ReplayService>();
    private long reportsSent, invocationsSent, foreignSent, eventTimeUnixMs;
    private volatile Error? failed;

    /// <summary>
    /// Awaited before the records of each report interval with the interval's start (event time, Unix milliseconds); all records up to that
    /// time have been given to the client. Whoever wants the replay to wait for the pipeline holds it back here; the pace then goes on from there.
    /// </summary>
    public Func<long, CancellationToken, ValueTask>? BeforeInterval { get; init; }

    /// <summary>What happens to reports on their way; null: nothing.</summary>
    public FaultInjector? Faults { get; init; }

    /// <summary>Reports are sent the way another agent would, to this topic; null: our own way.</summary>
    public (IForeignFormat Format, string Topic)? Foreign { get; init; }

    /// <summary>Records of a foreign format that the cluster has acknowledged.</summary>
    public long ForeignSent => Interlocked.Read(ref foreignSent);

    /// <summary>Reports that the cluster has acknowledged.</summary>
    public long ReportsSent => Interlocked.Read(ref reportsSent);

    /// <summary>Invocations that the cluster has acknowledged.</summary>
    public long InvocationsSent => Interlocked.Read(ref invocationsSent);

    /// <summary>Event time of the record that was sent last, Unix milliseconds; 0 before the first.</summary>
    public long EventTimeUnixMs => Interlocked.Read(ref eventTimeUnixMs);

    /// <summary>Plays to the end, and returns when everything is acknowledged.</summary>
    /// <exception cref="UserException">The cluster refused a record or did not acknowledge it in time.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        Action<Error> report = ConfluentClients.Reporter(logger);
        using IProducer<string, byte[]> producer = new ProducerBuilder<string, byte[]>(KafkaClients.ProducerConfig(kafka))
            .SetLogHandler((_, message) => ConfluentClients.Log(logger, message))
            .SetErrorHandler((_, error) => report(error))
            .Build();
        try
        {
            await SendAllAsync(producer, cancel);
        }
        finally
        {
            await FlushAsync(producer, cancel);
        }
        ThrowIfFailed();
        logger.LogInformation("replayed {Reports} reports and {Invocations} invocations", ReportsSent, InvocationsSent);
    }

    private async Task SendAllAsync(IProducer<string, byte[]> producer, CancellationToken cancel)
    {
        Pace pace = new(time, player.StartUnixMs, options.Speed);
        long interval = player.StartUnixMs;
        foreach (TraceEvent e in Faults?.Apply(player.Play()) ?? player.Play())
        {
            for (; e.TimeUnixMs > interval; interval += player.IntervalMs)
            {
                if (BeforeInterval is null) continue;
                long asked = time.GetTimestamp();
                await BeforeInterval(interval, cancel);
                pace.Hold(time.GetElapsedTime(asked));
            }
            TimeSpan wait = pace.Until(e.TimeUnixMs);
            if (wait >= WaitMin) await Task.Delay(wait, time, cancel);
            cancel.ThrowIfCancellationRequested();
            ThrowIfFailed();
            await SendAsync(producer, e, cancel);
            Interlocked.Exchange(ref eventTimeUnixMs, e.TimeUnixMs);
        }
    }

    private async Task SendAsync(IProducer<string, byte[]> producer, TraceEvent e, CancellationToken cancel)
    {
        if (e.Value is not VmReports reports)
        {
            await SendAsync(producer, "invocation", e.Topic.Name, e.Key, e.Value.ToByteArray(), () => Interlocked.Increment(ref invocationsSent), cancel);
            return;
        }
        if (Foreign is not { } foreign)
        {
            await SendAsync(producer, "report", e.Topic.Name, e.Key, e.Value.ToByteArray(), () => Interlocked.Increment(ref reportsSent), cancel);
            return;
        }
        foreach ((string? key, byte[] value) in reports.Reports.SelectMany(foreign.Format.Encode))
            await SendAsync(producer, "report", foreign.Topic, key, value, () => Interlocked.Increment(ref foreignSent), cancel);
    }

    private async Task SendAsync(IProducer<string, byte[]> producer, string what, string topic, string? key, byte[] value, Action acknowledged, CancellationToken cancel)
    {
        using Activity? span = Tracing.Sources.StartActivity(what, ActivityKind.Producer);
        Message<string, byte[]> message = new() { Key = key!, Value = value, Headers = ConfluentHeaders.TraceOf(span) };
        while (true)
        {
            try
            {
                producer.Produce(topic, message, Acknowledged);
                return;
            }
            catch (ProduceException<string, byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullWait, time, cancel);
            }
            catch (ProduceException<string, byte[]> refused)
            {
                throw new UserException($"{topic} refused a record: {refused.Error.Reason}", refused);
            }
        }

        void Acknowledged(DeliveryReport<string, byte[]> delivery)
        {
            if (delivery.Error.IsError) failed ??= delivery.Error;
            else acknowledged();
        }
    }

    private async Task FlushAsync(IProducer<string, byte[]> producer, CancellationToken cancel)
    {
        // Also after a cancellation what was given to the client is let out, for as long as a step of flushing takes.
        while (failed is null && await Task.Run(() => producer.Flush(TimeSpan.FromSeconds(1)), CancellationToken.None) > 0)
            if (cancel.IsCancellationRequested) return;
    }

    private void ThrowIfFailed()
    {
        if (failed is { } error) throw new UserException($"a record was not delivered to {kafka.BootstrapServers}: {error.Reason}");
    }
}
