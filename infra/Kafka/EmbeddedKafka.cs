using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Pipeline.Schemas;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// A Kafka in this process, for demonstrations: librdkafka's mock cluster, which speaks the real protocol on a loopback port.
/// It keeps the newest 5 MiB of each partition in memory, shows open and aborted transactions to everybody, does not keep
/// transactional offsets and does not fence: what it does is never a proof of exactly-once.
/// </summary>
public sealed class EmbeddedKafka : IDisposable
{
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(10);

    private readonly IProducer<byte[], byte[]> owner;

    public EmbeddedKafka(ILoggerFactory log)
    {
        ILogger logger = log.CreateLogger("Pipeline.EmbeddedKafka");
        ProducerConfig config = new() { BootstrapServers = "localhost:0" };
        config.Set("test.mock.num.brokers", "1");
        owner = new ProducerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, message) => ConfluentClients.Log(logger, message))
            .SetErrorHandler((_, _) => { })
            .Build();
        using IAdminClient admin = new DependentAdminClientBuilder(owner.Handle).Build();
        BrokerMetadata broker = admin.GetMetadata(MetadataTimeout).Brokers[0];
        Connection = new KafkaConnection($"{broker.Host}:{broker.Port}") { Embedded = true };
        // It makes a topic when asked about it, with 4 partitions.
        foreach (TopicSpec topic in Topics.All.SelectMany(t => new[] { t, Topics.DeadLettersOf(t) })) admin.GetMetadata(topic.Name, MetadataTimeout);
    }

    public KafkaConnection Connection { get; }

    public void Dispose() => owner.Dispose();
}
