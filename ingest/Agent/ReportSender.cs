using System.Diagnostics;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Telemetry;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent;

/// <summary>
/// Gives an agent's reports to Kafka. While the cluster is away they wait in the client's memory, for librdkafka's message.timeout.ms
/// (five minutes) at most; what is not delivered by then is lost, counted and logged.
/// </summary>
public sealed class ReportSender : IDisposable
{
    /// <summary>At the end, what still waits is given this long.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);

    private readonly IProducer<string, byte[]> producer;
    private readonly ILogger logger;
    private long sent, lost;

    public ReportSender(KafkaConnection kafka, ILoggerFactory log)
    {
        logger = log.CreateLogger<ReportSender>();
        producer = new ProducerBuilder<string, byte[]>(KafkaClients.ProducerConfig(kafka))
            .SetLogHandler((_, message) => ConfluentClients.Log(logger, message))
            .SetErrorHandler((_, error) => ConfluentClients.Report(logger, error))
            .Build();
    }

    /// <summary>Reports that the cluster has acknowledged.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>Reports that could not be delivered.</summary>
    public long Lost => Interlocked.Read(ref lost);

    public void Send(VmReport report)
    {
        using Activity? span = Tracing.Sources.StartActivity("report", ActivityKind.Producer);
        Message<string, byte[]> message = new() { Key = report.Cell, Value = new VmReports { Reports = { report } }.ToByteArray(), Headers = ConfluentHeaders.TraceOf(span) };
        try
        {
            producer.Produce(Topics.VmMetrics.Name, message, delivery => Count(report.Sequence, delivery.Error));
        }
        catch (ProduceException<string, byte[]> e)
        {
            Count(report.Sequence, e.Error);
        }
    }

    public void Dispose()
    {
        producer.Flush(FlushTimeout);
        producer.Dispose();
    }

    private void Count(ulong sequence, Error error)
    {
        if (!error.IsError)
        {
            Interlocked.Increment(ref sent);
            return;
        }
        long all = Interlocked.Increment(ref lost);
        logger.LogError("report {Sequence} was not delivered: {Reason}; {Lost} lost since the start", sequence, error.Reason, all);
    }
}
