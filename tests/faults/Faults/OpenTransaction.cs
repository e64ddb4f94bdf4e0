using System.Globalization;
using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>
/// Somebody else's producer dies with a transaction open, and readers of committed records stop before it until its time is up. A service that
/// starts meanwhile must not take what it can read for all that there is.
/// </summary>
internal sealed class OpenTransaction : Fault
{
    /// <summary>Longer than a killed service takes to be back and to have its partitions again.</summary>
    private static readonly TimeSpan StrangerTimeout = TimeSpan.FromSeconds(30);

    private const double BehindSecondsMin = 3, BehindSecondsMax = 15;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    private int strangers;

    public override string Name => "open-transaction";

    public override string Description => "a foreign producer leaves an open transaction in a topic; the service that restores from it is killed and restarted meanwhile";

    public override int Times => 4;

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        // The worst first, so that a short run has it: the topic that state is restored from.
        ServiceKind kind = strangers == 0 ? ServiceKind.Processors : ServiceKind.All[random.Next(ServiceKind.All.Count)];
        TopicSpec topic = strangers == 0 || random.Next(2) == 0 ? kind.Output : Topics.All[random.Next(Topics.All.Count)];
        LeaveOpen(rig.Cluster.Connection, topic);
        rig.Say($"left a transaction open in {topic}");
        Service victim = rig.Services.First(s => s.Kind == kind);
        // The service goes on for a while behind the open transaction: what it commits is there, and nobody can read it yet.
        await FaultRig.LastAsync(TimeSpan.FromSeconds(BehindSecondsMin + (random.NextDouble() * (BehindSecondsMax - BehindSecondsMin))), cancel);
        await victim.KillAndRestartAsync();
        rig.Say($"killed {victim}");
        await FaultRig.LastAsync(StrangerTimeout * random.NextDouble(), cancel);
    }

    /// <summary>Writes one record into every partition, and is gone.</summary>
    private void LeaveOpen(KafkaConnection kafka, TopicSpec topic)
    {
        ProducerConfig config = KafkaClients.TransactionalConfig(kafka, "stranger-" + (++strangers).ToString(CultureInfo.InvariantCulture), StreamLimits.Default);
        config.TransactionTimeoutMs = (int)StrangerTimeout.TotalMilliseconds;
        using IProducer<byte[], byte[]> stranger = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        stranger.InitTransactions(RequestTimeout);
        stranger.BeginTransaction();
        for (int partition = 0; partition < topic.Partitions; partition++)
            stranger.Produce(new TopicPartition(topic.Name, partition), new Message<byte[], byte[]> { Key = "stranger"u8.ToArray(), Value = [] });
        stranger.Flush(RequestTimeout);
    }
}
