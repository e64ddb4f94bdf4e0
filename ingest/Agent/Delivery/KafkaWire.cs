using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Telemetry;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>
/// An idempotent producer: what it tries again by itself is in the topic once and in order. A report that it gave up on may be there all the
/// same; sent again from the spool it is there twice, and the processors recognise it by its number and time.
/// </summary>
public sealed class KafkaWire : IReportWire
{
    private readonly IProducer<string, byte[]> producer;

    /// <param name="kafka">The cluster.</param>
    /// <param name="timeout">A report that is not delivered by then has failed, unless the settings say otherwise.</param>
    /// <param name="log">Takes what the client logs.</param>
    public KafkaWire(KafkaConnection kafka, TimeSpan? timeout, ILoggerFactory log)
    {
        ILogger logger = log.CreateLogger<KafkaWire>();
        ProducerConfig config = KafkaClients.ProducerConfig(kafka);
        if (timeout is { } limit && !kafka.Settings.ContainsKey("message.timeout.ms")) config.MessageTimeoutMs = (int)limit.TotalMilliseconds;
        // An agent has one report in ten seconds: two threads and a few kilobytes are enough.
        config.QueueBufferingMaxMessages = 10_000;
        config.StatisticsIntervalMs = 0;
        Action<Error> report = ConfluentClients.Reporter(logger);
        producer = KafkaClients.Open(kafka, () => new ProducerBuilder<string, byte[]>(config)
            .SetLogHandler((_, message) => ConfluentClients.Log(logger, message))
            .SetErrorHandler((_, error) => report(error))
            .Build());
    }

    public void Send(string key, byte[] value, Action<DeliveryResult> told)
    {
        using Activity? span = Tracing.Sources.StartActivity("report", ActivityKind.Producer);
        try
        {
            producer.Produce(Topics.VmMetrics.Name, new Message<string, byte[]> { Key = key, Value = value, Headers = ConfluentHeaders.TraceOf(span) }, d => told(ResultOf(d)));
        }
        catch (ProduceException<string, byte[]> e)
        {
            told(new DeliveryResult(e.Error.Reason, null));
        }
    }

    public void Flush(TimeSpan timeout) => producer.Flush(timeout);

    public void Dispose() => producer.Dispose();

    private static DeliveryResult ResultOf(DeliveryReport<string, byte[]> delivery) => new(
        delivery.Error.IsError ? delivery.Error.Reason : null,
        delivery.Timestamp.Type == TimestampType.LogAppendTime ? delivery.Timestamp.UnixTimestampMs : null);
}
