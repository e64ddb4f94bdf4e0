using Confluent.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Infra.Kafka;

internal sealed class ConfluentGroupConsumer : IGroupConsumer
{
    private readonly IConsumer<byte[]?, byte[]?> consumer;
    private readonly IAssignmentListener listener;
    private readonly ClientContext context;
    private readonly string? onlyTopic;

    public ConfluentGroupConsumer(ClientContext context, string group, IReadOnlyList<string> topics, IAssignmentListener listener)
    {
        this.context = context;
        this.listener = listener;
        ConsumerConfig config = KafkaClients.ConsumerConfig(context.Kafka, group, context.Limits);
        // Only traces look at headers, and the name of an only topic is known: both would be made anew for every record.
        onlyTopic = topics.Count == 1 ? topics[0] : null;
        config.ConsumeResultFields = (onlyTopic is null ? "topic,timestamp" : "timestamp") + (Tracing.IsOn ? ",headers" : "");
        Action<Error> report = ConfluentClients.Reporter(context.Log);
        consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetKeyDeserializer(new KeyCache())
            .SetPartitionsAssignedHandler((_, partitions) => Assign(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => listener.Revoked([.. partitions.Select(p => new PartitionId(p.Topic, p.Partition.Value))]))
            .SetPartitionsLostHandler((_, partitions) => listener.Lost([.. partitions.Select(p => new PartitionId(p.Topic, p.Partition.Value))]))
            .SetLogHandler((_, message) => ConfluentClients.Log(context.Log, message))
            .SetErrorHandler((_, error) => report(error))
            .Build();
        try
        {
            ConfluentClients.Guard("subscribe", () => consumer.Subscribe(topics));
        }
        catch
        {
            consumer.Dispose();
            throw;
        }
    }

    /// <summary>What a producer sends along with offsets, so that a member that was replaced cannot commit.</summary>
    public IConsumerGroupMetadata GroupMetadata => consumer.ConsumerGroupMetadata;

    public long Lag => ConfluentClients.Guard("lag", () => consumer.Assignment.Sum(LagOf));

    public long LagOf(PartitionId partition) => ConfluentClients.Guard("lag", () => LagOf(new TopicPartition(partition.Topic, partition.Partition)));

    public bool TryPoll(TimeSpan wait, out StreamRecord record)
    {
        try
        {
            ConsumeResult<byte[]?, byte[]?>? result = consumer.Consume(wait);
            record = result is null ? default : ConfluentClients.ToRecord(result, onlyTopic);
            return result is not null;
        }
        catch (KafkaException e)
        {
            if (e.Error.Code == ErrorCode.Local_MaxPollExceeded) context.Reached(StreamLimit.PollInterval, () => $"no poll for {context.Limits.PollIntervalMax}");
            throw KafkaFailure.Of("poll", e);
        }
    }

    public void Commit(IReadOnlyDictionary<PartitionId, long> offsets) => ConfluentClients.Guard("commit", () =>
        consumer.Commit(offsets.Select(o => new TopicPartitionOffset(o.Key.Topic, o.Key.Partition, o.Value))));

    public void Dispose()
    {
        if (!context.Cancel.IsCancellationRequested)
        {
            Leave();
            return;
        }
        // At the end a broker that does not answer is not waited for as long as librdkafka would (5 s). The transaction is over: what the
        // listener hears meanwhile, on the other thread, finds nothing to commit.
        using WatchedThread thread = new("leaves " + consumer.Name, context.Time, ConfluentTransactionalProducer.ShutdownPatience, context.Cancel);
        thread.Finish(Leave, ConfluentTransactionalProducer.ShutdownPatience);
    }

    private void Leave()
    {
        try
        {
            consumer.Close();
        }
        catch (Exception e) when (e is KafkaException or StreamClientException)
        {
            // Also what the listener throws when it hears, while we leave, that partitions are lost: we are leaving. Leaving
            // the group politely failed; the broker will notice by the session time-out.
        }
        consumer.Dispose();
    }

    private long LagOf(TopicPartition partition)
    {
        WatermarkOffsets known = consumer.GetWatermarkOffsets(partition);
        Offset position = consumer.Position(partition);
        return known.High.Value <= 0 ? 0 : Math.Max(0, known.High.Value - (position.IsSpecial ? Math.Max(0, known.Low.Value) : position.Value));
    }

    private List<TopicPartitionOffset> Assign(List<TopicPartition> partitions)
    {
        Dictionary<PartitionId, long> committed = [];
        // That there is no partition for this member is an assignment too.
        foreach (TopicPartitionOffset p in partitions.Count == 0 ? [] : context.Ask("committed offsets", limit => consumer.Committed(partitions, limit)))
            committed[new PartitionId(p.Topic, p.Partition.Value)] = p.Offset.IsSpecial ? FirstOffset(p.TopicPartition) : p.Offset.Value;
        IReadOnlyDictionary<PartitionId, long> begin = listener.Assigned(committed);
        return [.. begin.Select(b => new TopicPartitionOffset(b.Key.Topic, b.Key.Partition, b.Value))];
    }

    private long FirstOffset(TopicPartition partition) =>
        context.Ask("first offset", limit => consumer.QueryWatermarkOffsets(partition, limit)).Low.Value;
}
