using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Tests.Benchmarks.Throughput;

/// <summary>The topics that sides write to: each repetition finds them empty, so that nobody restores what another wrote.</summary>
internal sealed class OutputTopics(KafkaConnection kafka)
{
    /// <summary>Where Kafka Streams puts its closed windows.</summary>
    public const string Peer = "peer.steps";

    private static readonly string[] All = [Topics.VmSteps.Name, Topics.GraphSnapshots.Name, Topics.GraphCommunities.Name, Topics.VmPatterns.Name, Peer];

    public async Task CreatePeerTopicAsync()
    {
        using IAdminClient admin = Open();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = Peer, NumPartitions = Topics.DefaultPartitions, ReplicationFactor = 1 }]);
    }

    public async Task PurgeAsync(CancellationToken cancel)
    {
        using IAdminClient admin = Open();
        List<TopicPartitionOffset> all = [.. All.SelectMany(t => Enumerable.Range(0, Topics.DefaultPartitions).Select(p => new TopicPartitionOffset(t, p, Offset.End)))];
        await admin.DeleteRecordsAsync(all).WaitAsync(cancel);
    }

    private IAdminClient Open() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
}
