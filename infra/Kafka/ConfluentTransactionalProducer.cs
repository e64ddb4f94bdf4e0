using Confluent.Kafka;
using Pipeline.Infra.Streaming;

namespace Pipeline.Infra.Kafka;

/// <summary>
/// librdkafka's transactional producer, with a limit on every transactional call. librdkafka takes time-outs, but has calls that outlast them
/// or never come back (its issues 5423, 5456 and 5511: the group's coordinator goes away while rd_kafka_send_offsets_to_transaction asks it), and it does not have KIP-890, so that after a time-out only a producer that opens the id
/// anew (a new epoch, which fences the old one) makes sure what the outcome was. A client that is stuck is therefore left to itself: it is
/// disposed of behind the call that does not return, and nobody waits.
/// </summary>
internal sealed class ConfluentTransactionalProducer : ITransactionalProducer
{
    /// <summary>
    /// So much is held back before it is sent, so that in a small transaction the offsets go first. The broker refuses offsets and records
    /// alike while it still ends the transaction before (1 to 5 ms); librdkafka tries offsets again after retry.backoff.ms (1 ms), but
    /// partitions after a fixed 20 ms.
    /// </summary>
    private const int HeldRecordsMax = 1000, HeldBytesMax = 1024 * 1024;

    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// librdkafka ends a call after <see cref="ConfluentClients.RequestTimeout"/> by itself; it looks at its clock at least once a second, and
    /// 10 s more are a machine short of CPU. Together 40 s: below transaction.timeout.ms (60 s), so that the next life opens the id, and
    /// aborts what is open, before the broker does.
    /// </summary>
    internal static readonly TimeSpan CallLimit = ConfluentClients.RequestTimeout + TimeSpan.FromSeconds(10);

    /// <summary>Disposing of a client that is well takes a tenth of a second.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After SIGTERM: a commit on a cluster that is well takes milliseconds. Commit, abort and disposal together then stay below 5 s,
    /// half of what container platforms grant at least before they kill.
    /// </summary>
    internal static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(2);

    private readonly IProducer<byte[], byte[]> producer;
    private readonly string transactionalId;
    private readonly WatchedThread thread;
    private readonly ClientContext context;
    private readonly List<(TopicPartition Target, Message<byte[], byte[]> Message)> held = [];
    private int heldBytes;
    private bool begun;
    private bool outcomeUnknown;

    public ConfluentTransactionalProducer(ClientContext context, string transactionalId)
    {
        this.transactionalId = transactionalId;
        this.context = context;
        Action<Error> report = ConfluentClients.Reporter(context.Log);
        producer = new ProducerBuilder<byte[], byte[]>(KafkaClients.TransactionalConfig(context.Kafka, transactionalId, context.Limits))
            .SetLogHandler((_, message) => ConfluentClients.Log(context.Log, message))
            .SetErrorHandler((_, error) => report(error))
            .Build();
        thread = new WatchedThread("transactions of " + transactionalId, TimeProvider.System, ShutdownPatience, context.Cancel);
        try
        {
            Watch("open", () => producer.InitTransactions(ConfluentClients.RequestTimeout));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Begin()
    {
        held.Clear();
        heldBytes = 0;
        begun = false;
    }

    public void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers)
    {
        Message<byte[], byte[]> message = new() { Key = key, Value = value, Headers = ConfluentHeaders.Of(headers) };
        held.Add((new TopicPartition(topic, partition is { } p ? new Partition(p) : Partition.Any), message));
        heldBytes += key.Length + value.Length;
        if (held.Count < HeldRecordsMax && heldBytes < HeldBytesMax) return;
        if (!begun) Watch("begin", BeginOnce);
        ProduceHeld();
    }

    public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer)
    {
        // Asked for here: a consumer belongs to its loop's thread.
        IConsumerGroupMetadata group = ((ConfluentGroupConsumer)consumer).GroupMetadata;
        TopicPartitionOffset[] next = [.. offsets.Select(o => new TopicPartitionOffset(o.Key.Topic, o.Key.Partition, o.Value))];
        Watch("commit", () =>
        {
            long started = TimeProvider.System.GetTimestamp();
            BeginOnce();
            producer.SendOffsetsToTransaction(next, group, ConfluentClients.RequestTimeout);
            ProduceHeld();
            TimeSpan left = ConfluentClients.RequestTimeout - TimeProvider.System.GetElapsedTime(started);
            producer.CommitTransaction(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        });
    }

    public void Abort()
    {
        held.Clear();
        // It may be committed, and librdkafka would wait for what it still has under way: the next life's opening of the id settles it.
        if (begun && !outcomeUnknown) Watch("abort", () => producer.AbortTransaction(ConfluentClients.RequestTimeout));
    }

    public void Dispose() => thread.Finish(producer.Dispose, DisposeLimit);

    private void BeginOnce()
    {
        if (begun) return;
        producer.BeginTransaction();
        begun = true;
    }

    private void ProduceHeld()
    {
        foreach ((TopicPartition target, Message<byte[], byte[]> message) in held) Produce(target, message);
        held.Clear();
        heldBytes = 0;
        // Nobody else takes delivery reports.
        producer.Poll(TimeSpan.Zero);
    }

    private void Produce(TopicPartition target, Message<byte[], byte[]> message)
    {
        while (true)
        {
            try
            {
                producer.Produce(target, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                // Back-pressure: the broker is slower than we are; deliveries make room. At the end the transaction is aborted instead.
                context.Reached(StreamLimit.ProducerQueue, () => $"{context.Limits.ProducerQueueMessages} records or {context.Limits.ProducerQueueKbytes} KiB wait for the broker");
                if (context.Cancel.IsCancellationRequested) throw KafkaFailure.Of($"send to {target.Topic}", e);
                producer.Poll(QueueFullWait);
            }
            catch (KafkaException e)
            {
                throw KafkaFailure.Of($"send to {target.Topic}", e);
            }
        }
    }

    private void Watch(string what, Action call)
    {
        try
        {
            thread.Run(call, CallLimit);
        }
        catch (KafkaException e)
        {
            StreamClientException failure = KafkaFailure.OfTransaction($"transaction {transactionalId}, {what}", e);
            outcomeUnknown |= failure.Reason == RestartReason.TimeoutUnknownOutcome;
            throw failure;
        }
        catch (TimeoutException e)
        {
            outcomeUnknown = true;
            throw new StreamClientException($"transaction {transactionalId}, {what}: {e.Message}", e) { Reason = RestartReason.TimeoutUnknownOutcome };
        }
    }
}
