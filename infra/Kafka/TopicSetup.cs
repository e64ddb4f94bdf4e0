using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas;

namespace Pipeline.Infra.Kafka;

/// <summary>Creates the topics of the catalogue, each with its dead-letter topic.</summary>
public static class TopicSetup
{
    private const int Looks = 100;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30), Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Creates what is missing and leaves alone what is there. Every service calls it before it starts.</summary>
    /// <exception cref="UserException">The cluster does not answer, a topic may not be created, or it is there with another number of partitions.</exception>
    public static async Task EnsureAsync(KafkaConnection kafka, CancellationToken cancel = default)
    {
        if (kafka.Embedded) return;
        using Admin admin = new(kafka);
        await CreateAsync(kafka, admin, there =>
            // A dead letter goes to the partition that its record came from, however many an operator has given the topic.
            [.. Topics.All, .. Topics.All.Select(t => Topics.DeadLettersOf(t) with { Partitions = there.GetValueOrDefault(t.Name, t.Partitions) })], cancel);
        CheckPartitions(admin);
    }

    /// <summary>Creates the dead-letter topic of a topic that is not of the catalogue and has to be there, as wide as it.</summary>
    /// <returns>The number of partitions.</returns>
    /// <exception cref="UserException">The topic is not there, or as above.</exception>
    public static async Task<int> EnsureDeadLettersAsync(KafkaConnection kafka, TopicSpec source, CancellationToken cancel = default)
    {
        using Admin admin = new(kafka);
        int partitions = 0;
        await CreateAsync(kafka, admin, there => there.TryGetValue(source.Name, out partitions)
            ? [Topics.DeadLettersOf(source) with { Partitions = partitions }]
            : throw new UserException($"topic {source} is not on the cluster at {kafka.BootstrapServers}: create it, or name the topic that the agents write to"), cancel);
        return partitions;
    }

    private static async Task CreateAsync(KafkaConnection kafka, Admin admin, Func<Dictionary<string, int>, IEnumerable<TopicSpec>> wanted, CancellationToken cancel)
    {
        try
        {
            TopicSpec[] topics = [.. wanted(Partitions(admin))];
            await admin.Client.CreateTopicsAsync(topics.Select(Specification), new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout }).WaitAsync(cancel);
            await ShownAsync(admin, topics, cancel);
        }
        catch (CreateTopicsException e)
        {
            CreateTopicReport? failed = e.Results.FirstOrDefault(r => r.Error.IsError && r.Error.Code != ErrorCode.TopicAlreadyExists);
            if (failed is not null) throw new UserException($"topic {failed.Topic} could not be created: {failed.Error.Reason}", e);
        }
        catch (KafkaException e)
        {
            throw new UserException($"the Kafka cluster at {kafka.BootstrapServers} does not answer: {admin.Refusal ?? e.Error.Reason}", e);
        }
    }

    /// <summary>The controller has made a topic before every broker shows it: whoever comes next must find it.</summary>
    private static async Task ShownAsync(Admin admin, TopicSpec[] topics, CancellationToken cancel)
    {
        for (int look = 0; look < Looks && Partitions(admin) is var shown && !Array.TrueForAll(topics, t => shown.ContainsKey(t.Name)); look++) await Task.Delay(Look, cancel);
    }

    /// <summary>Creates one topic that is not of the catalogue, and leaves it alone where it is there.</summary>
    /// <exception cref="UserException">The cluster does not answer, or the topic may not be created.</exception>
    public static async Task EnsureAsync(KafkaConnection kafka, TopicSpec topic, CancellationToken cancel = default)
    {
        if (kafka.Embedded) return;
        using Admin admin = new(kafka);
        await CreateAsync(kafka, admin, _ => [topic], cancel);
    }

    private static void CheckPartitions(Admin admin)
    {
        Dictionary<string, int> partitions = Partitions(admin);
        foreach (TopicSpec topic in Topics.All)
        {
            if (partitions.GetValueOrDefault(topic.DeadLetterName) is int letters && letters > 0 && letters < partitions.GetValueOrDefault(topic.Name))
                throw new UserException($"{topic.DeadLetterName} has {letters} partitions, {topic} has {partitions[topic.Name]}: give it as many, since a dead letter keeps its record's partition");
        }
        foreach (IGrouping<string, TopicSpec> group in Topics.All.Where(t => partitions.ContainsKey(t.Name)).GroupBy(t => t.Key))
        {
            // Topics with one key are joined partition by partition: their numbers may differ from the catalogue's, but not among each other.
            if (group.Select(t => partitions[t.Name]).Distinct().Count() > 1)
                throw new UserException($"topics keyed by {group.Key} have different numbers of partitions ({string.Join(", ", group.Select(t => $"{t.Name} {partitions[t.Name]}"))}): give them the same");
        }
    }

    private static Dictionary<string, int> Partitions(Admin admin) => admin.Client.GetMetadata(Timeout).Topics.ToDictionary(t => t.Topic, t => t.Partitions.Count);

    private static TopicSpecification Specification(TopicSpec topic) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions,
        // The broker's default.
        ReplicationFactor = -1,
        Configs = new Dictionary<string, string>
        {
            ["message.timestamp.type"] = topic.BrokerTime ? "LogAppendTime" : "CreateTime",
            ["cleanup.policy"] = topic.Compacted ? "compact" : "delete",
            ["retention.ms"] = topic.Retention is { } kept ? ((long)kept.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture) : "-1",
        },
    };

    private sealed class Admin : IDisposable
    {
        public Admin(KafkaConnection kafka) => Client = KafkaClients.Open(kafka, () => new AdminClientBuilder(KafkaClients.ConsumerConfig(kafka, "pipeline-admin"))
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => Refusal = ConfluentClients.RefusalOf(error) ?? Refusal)
            .Build());

        public IAdminClient Client { get; }

        /// <summary>Why the cluster does not let us in, where it said so: a question that it does not answer only times out.</summary>
        public string? Refusal { get; private set; }

        public void Dispose() => Client.Dispose();
    }
}
