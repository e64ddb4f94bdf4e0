using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>The loop's clients over Confluent.Kafka.</summary>
public sealed class ConfluentClients : IStreamClients
{
    /// <summary>Calls that ask the cluster something are given up after this time.</summary>
    internal static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private readonly ClientContext context;

    /// <param name="kafka">The cluster.</param>
    /// <param name="log">Takes what librdkafka logs.</param>
    /// <param name="limits">How much the clients hold; null: as by default.</param>
    /// <param name="reached">Hears which of the limits was reached, and by what.</param>
    public ConfluentClients(KafkaConnection kafka, ILoggerFactory log, StreamLimits? limits = null, Action<StreamLimit, Func<string>>? reached = null)
    {
        context = new ClientContext(kafka, log.CreateLogger("Pipeline.Kafka"));
        if (limits is not null) context = context with { Limits = limits };
        if (reached is not null) context = context with { Reached = reached };
    }

    private ConfluentClients(ClientContext context) => this.context = context;

    public IStreamClients Until(CancellationToken cancel) => new ConfluentClients(context with { Cancel = cancel });

    public IGroupConsumer Subscribe(string group, IReadOnlyList<string> topics, IAssignmentListener listener) =>
        new ConfluentGroupConsumer(context, group, topics, listener);

    public IPartitionReader OpenReader() => new ConfluentPartitionReader(context);

    public ITransactionalProducer OpenProducer(string transactionalId) => new ConfluentTransactionalProducer(context, transactionalId);

    /// <summary>Runs a call into the client; what it throws becomes the loop's exception.</summary>
    internal static T Guard<T>(string what, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (KafkaException e)
        {
            throw KafkaFailure.Of(what, e);
        }
    }

    /// <summary>Runs a call into the client; what it throws becomes the loop's exception.</summary>
    internal static void Guard(string what, Action call) => Guard(what, () =>
    {
        call();
        return true;
    });

    /// <summary>What librdkafka logs, at its level.</summary>
    public static void Log(ILogger logger, LogMessage message) =>
        logger.Log(
            // A broker that is away comes back by itself, but each client would say so ten times a second until then.
            message.Facility == "FAIL" ? LogLevel.Debug
                : message.Level <= SyslogLevel.Error ? LogLevel.Error : message.Level == SyslogLevel.Warning ? LogLevel.Warning : LogLevel.Debug,
            "{Client}: {Message}", message.Name, message.Message);

    /// <summary>What a client reports besides exceptions: only fatal errors are errors.</summary>
    public static void Report(ILogger logger, Error error)
    {
        // A broker that is away comes back by itself; the loop hears of what matters by exceptions.
        LogLevel level = error.IsFatal ? LogLevel.Error : error.Code == ErrorCode.Local_AllBrokersDown ? LogLevel.Warning : LogLevel.Debug;
        logger.Log(level, "Kafka client: {Reason}", error.Reason);
    }

    /// <param name="r">What the client gave.</param>
    /// <param name="topic">The topic, where the client was told to leave it out.</param>
    internal static StreamRecord ToRecord(ConsumeResult<byte[]?, byte[]?> r, string? topic = null) => new()
    {
        Topic = topic ?? r.Topic,
        Partition = r.Partition.Value,
        Offset = r.Offset.Value,
        TimestampUnixMs = r.Message.Timestamp.UnixTimestampMs,
        Key = r.Message.Key ?? [],
        Value = r.Message.Value ?? [],
        Headers = r.Message.Headers is { Count: > 0 } headers ? new ConfluentHeaders(headers) : null,
    };
}
