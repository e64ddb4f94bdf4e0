using Google.Protobuf;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.Checks;

/// <summary>Keeps what processors emit, by the partition that it belongs to.</summary>
internal sealed class CollectedOutput(Topology topology, SimulatedKafka kafka) : IOutput
{
    private readonly Dictionary<PartitionId, List<OutputRecord>> records = [];
    private readonly Dictionary<string, bool> topics = [];

    /// <summary>Partition of the record being processed.</summary>
    public int InputPartition { get; set; }

    public IEnumerable<string> Topics => topics.Keys;

    /// <summary>Do all records of a partition of this topic come of one partition of the source, and so in one order?</summary>
    public bool IsOrdered(string topic) => topics[topic];

    public List<OutputRecord> Of(PartitionId partition) => records.GetValueOrDefault(partition, []);

    public void Emit<T>(TopicSpec<T> topic, string key, T value)
        where T : IMessage<T>
    {
        bool sameKey = topic.Key == topology.Source.Key;
        topics[topic.Name] = sameKey;
        byte[] keyBytes = System.Text.Encoding.UTF8.GetBytes(key);
        Add(kafka.PartitionFor(topic.Name, sameKey ? InputPartition : null, keyBytes), new OutputRecord(key, value.ToByteArray()));
    }

    public void DeadLetter(in StreamRecord record, string reason)
    {
        string topic = record.Topic + Schemas.Topics.DeadLetterSuffix;
        topics[topic] = true;
        Add(new PartitionId(topic, record.Partition), new OutputRecord(record.KeyText, record.Value));
    }

    private void Add(PartitionId partition, OutputRecord record)
    {
        if (!records.TryGetValue(partition, out List<OutputRecord>? list)) records[partition] = list = [];
        list.Add(record);
    }
}
