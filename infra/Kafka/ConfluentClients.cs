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

    /// <summary>What a client reports besides exceptions: fatal errors are errors, and so is that the cluster refuses it, once until the reason is another.</summary>
    public static Action<Error> Reporter(ILogger logger)
    {
        ErrorCode? refused = null;
        return error =>
        {
            if (RefusalOf(error) is { } refusal)
            {
                if (refused != error.Code) logger.LogError("Kafka client: {Refusal}", refusal);
                refused = error.Code;
                return;
            }
            // A broker that is away comes back by itself; the loop hears of what matters by exceptions.
            LogLevel level = error.IsFatal ? LogLevel.Error : error.Code == ErrorCode.Local_AllBrokersDown ? LogLevel.Warning : LogLevel.Debug;
            logger.Log(level, "Kafka client: {Reason}", error.Reason);
        };
    }

    /// <summary>Where the cluster or we refuse each other, which no waiting mends: what is wrong, and where to look; null for everything else.</summary>
    internal static string? RefusalOf(Error error) => error.Code switch
    {
        // A broker that wants a certificate and gets none says so in an alert, which is no error of TLS to librdkafka.
        ErrorCode.Local_Ssl or ErrorCode.Local_Transport when error.Code == ErrorCode.Local_Ssl || error.Reason.Contains("alert", StringComparison.OrdinalIgnoreCase) => $"TLS does not come about: {error.Reason}; ssl.* are settings of the file of --kafka-config",
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed => $"the cluster does not let us in: {error.Reason}; sasl.* are settings of the file of --kafka-config",
        _ => null,
    };

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
