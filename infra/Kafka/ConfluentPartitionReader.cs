using Confluent.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

internal sealed class ConfluentPartitionReader : IPartitionReader
{
    private readonly ClientContext context;
    private readonly IConsumer<byte[]?, byte[]?> consumer;
    private readonly Lazy<IConsumer<byte[]?, byte[]?>> uncommitted;
    private readonly Dictionary<PartitionId, long> starts = [];

    public ConfluentPartitionReader(ClientContext context)
    {
        this.context = context;
        // A group id is required by the client; nothing is ever committed under it.
        ConsumerConfig config = KafkaClients.ConsumerConfig(context.Kafka, "pipeline-readers", context.Limits);
        consumer = Build(config);
        // Asked by a reader of committed records, brokers give the last stable offset for the high watermark: what was committed behind an
        // open transaction would be overlooked.
        uncommitted = new(() => Build(new ConsumerConfig(config.ToDictionary(c => c.Key, c => c.Value)) { IsolationLevel = IsolationLevel.ReadUncommitted }));
    }

    public IReadOnlyList<PartitionId> PartitionsOf(string topic)
    {
        using IAdminClient admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        TopicMetadata metadata = context.Ask("metadata", limit => admin.GetMetadata(topic, limit)).Topics[0];
        if (metadata.Error.IsError) throw new StreamClientException($"topic {topic}: {metadata.Error.Reason} ({context.Kafka.BootstrapServers})");
        return [.. metadata.Partitions.Select(p => new PartitionId(topic, p.PartitionId)).OrderBy(p => p.Partition)];
    }

    public (long Low, long High) Watermarks(PartitionId partition)
    {
        WatermarkOffsets marks = context.Ask($"offsets of {partition}", limit => uncommitted.Value.QueryWatermarkOffsets(Of(partition), limit));
        return (marks.Low.Value, marks.High.Value);
    }

    public long OffsetAt(PartitionId partition, DateTimeOffset time)
    {
        TopicPartitionTimestamp at = new(Of(partition), new Timestamp(time));
        Offset offset = context.Ask($"offset of {partition} by time", limit => consumer.OffsetsForTimes([at], limit))[0].Offset;
        return offset.IsSpecial ? Watermarks(partition).High : offset.Value;
    }

    public void Assign(IReadOnlyDictionary<PartitionId, long> offsets)
    {
        starts.Clear();
        foreach ((PartitionId partition, long offset) in offsets) starts[partition] = offset;
        ConfluentClients.Guard("assign", () => consumer.Assign(offsets.Select(o => new TopicPartitionOffset(Of(o.Key), o.Value))));
    }

    public bool TryPoll(TimeSpan wait, out StreamRecord record)
    {
        ConsumeResult<byte[]?, byte[]?>? result = ConfluentClients.Guard("read", () => consumer.Consume(wait));
        record = result is null ? default : ConfluentClients.ToRecord(result);
        return result is not null;
    }

    public long Position(PartitionId partition)
    {
        Offset position = ConfluentClients.Guard("position", () => consumer.Position(Of(partition)));
        return position.IsSpecial ? starts[partition] : position.Value;
    }

    public void Dispose()
    {
        if (uncommitted.IsValueCreated) uncommitted.Value.Dispose();
        consumer.Dispose();
    }

    private IConsumer<byte[]?, byte[]?> Build(ConsumerConfig config)
    {
        Action<Error> report = ConfluentClients.Reporter(context.Log);
        return new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => ConfluentClients.Log(context.Log, message))
            .SetErrorHandler((_, error) => report(error))
            .Build();
    }

    private static TopicPartition Of(PartitionId partition) => new(partition.Topic, partition.Partition);
}
