using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>Hears on agent.commands what this VM is asked to do, from its start on. A cluster that is away is heard again when it is back.</summary>
public sealed class CommandListener : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;

    public CommandListener(KafkaConnection kafka, string vm, CloseWatch watch, ILoggerFactory log)
    {
        ILogger logger = log.CreateLogger<CommandListener>();
        ConsumerConfig config = KafkaClients.ConsumerConfig(kafka, "pipeline-agent");
        // A handful of records a day.
        (config.QueuedMaxMessagesKbytes, config.QueuedMinMessages, config.FetchWaitMaxMs) = (64, 1, 10_000);
        Action<Error> report = ConfluentClients.Reporter(logger);
        IConsumer<byte[], byte[]> consumer = new ConsumerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, message) => ConfluentClients.Log(logger, message))
            .SetErrorHandler((_, error) => report(error))
            .Build();
        thread = new Thread(() => Listen(consumer, vm, watch, logger)) { IsBackground = true, Name = "commands" };
        thread.Start();
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        stop.Dispose();
    }

    private void Listen(IConsumer<byte[], byte[]> consumer, string vm, CloseWatch watch, ILogger logger)
    {
        using IConsumer<byte[], byte[]> own = consumer;
        own.Assign(Enumerable.Range(0, Topics.AgentCommands.Partitions).Select(p => new TopicPartitionOffset(Topics.AgentCommands.Name, p, Offset.End)));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (own.Consume(Poll) is { Message: { } message }) Take(message, vm, watch, logger);
            }
            catch (ConsumeException e)
            {
                logger.LogDebug("commands cannot be heard: {Reason}", e.Error.Reason);
            }
        }
    }

    private static void Take(Message<byte[], byte[]> message, string vm, CloseWatch watch, ILogger logger)
    {
        RecordContext context = new(System.Text.Encoding.UTF8.GetString(message.Key ?? []), message.Timestamp.UnixTimestampMs);
        if (context.Key != vm) return;
        if (!Topics.AgentCommands.TryRead(context, message.Value ?? [], out ReportingCommand command, out string reason))
        {
            logger.LogWarning("a command is passed over: {Reason}", reason);
            return;
        }
        watch.Until(command.CloselyUntilUnixMs);
        logger.LogInformation("asked to report closely until {Until:u}", DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(command.CloselyUntilUnixMs, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())));
    }
}
