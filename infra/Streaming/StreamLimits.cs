using Pipeline.Schemas;

namespace Pipeline.Infra.Streaming;

/// <summary>
/// How much of anything a loop and its clients hold at most. Reaching one is counted (<c>stream.limit_reached</c>) and logged, but for the
/// consumers' queues: a full one only stops fetching, which shows as lag.
/// </summary>
public sealed record StreamLimits
{
    public static readonly StreamLimits Default = new();

    /// <summary>What a record takes besides key and value: 36 bytes of framing, and trace headers, whose state may have 512 characters.</summary>
    private const int RecordOverheadBytes = 1024;

    /// <summary>
    /// Largest record, key and value, that is parsed; a larger one goes to the dead letters. A broker's limit is 1 MiB by default, but of a
    /// compressed batch: what comes out of it may be a hundred times that. Twice the largest chunk that we write ourselves.
    /// </summary>
    public int RecordBytesMax { get; init; } = Topics.MaxValueBytes;

    /// <summary>
    /// message.max.bytes of producers: key, value and headers before compression. librdkafka's default, just below a broker's default
    /// (1,048,588 with the batch around it). A dead letter that would be larger carries only its headers.
    /// </summary>
    public int MessageBytesMax { get; init; } = 1_000_000;

    /// <summary>
    /// queued.max.messages.kbytes of each consumer: more than a second of what one instance has been seen to process (20 MB/s). A service
    /// has three consumers at a time (group, global topics, one that restores): below 100 MiB, half as much again while answers arrive.
    /// </summary>
    public int ConsumerQueueKbytes { get; init; } = 32 * 1024;

    /// <summary>queued.min.messages of each consumer: below it more is fetched. librdkafka's default; with reports of 300 bytes it meets <see cref="ConsumerQueueKbytes"/>.</summary>
    public int ConsumerQueueMessages { get; init; } = 100_000;

    /// <summary>fetch.max.bytes: half of <see cref="ConsumerQueueKbytes"/>, which an answer on its way may exceed by as much.</summary>
    public int FetchBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>max.partition.fetch.bytes, before decompression: librdkafka's default.</summary>
    public int PartitionFetchBytesMax { get; init; } = 1024 * 1024;

    /// <summary>
    /// queue.buffering.max.kbytes of a producer: a transaction at its limit (<see cref="TransactionBytesMax"/>), on top of it all that one
    /// record may lead to (a step of a cell of 50,000 VMs: 50 chunks of steps, snapshots and communities, 40 MB), twice, since what is
    /// acknowledged is let go in batches.
    /// </summary>
    public int ProducerQueueKbytes { get; init; } = 144 * 1024;

    /// <summary>queue.buffering.max.messages of a producer: librdkafka's default; twice <see cref="TransactionOutputsMax"/>.</summary>
    public int ProducerQueueMessages { get; init; } = 100_000;

    /// <summary>
    /// A transaction is committed when it has written so many bytes: at 30 MB/s, a slow disk, about the second that a read-committed reader
    /// may be made to wait.
    /// </summary>
    public long TransactionBytesMax { get; init; } = 32L * 1024 * 1024;

    /// <summary>A transaction is committed when it has written so many records: at 50,000/s, what one connection takes, the same second.</summary>
    public int TransactionOutputsMax { get; init; } = 50_000;

    /// <summary>
    /// max.poll.interval.ms: how long a partition may take to be restored, for that is done within a poll. The steps of a cell of 50,000 VMs
    /// over 14 days are 20 GB, at 25 MB/s 13 minutes; the rest is for a broker that is not as fast. A loop that hangs is found sooner, by its health endpoint.
    /// </summary>
    public TimeSpan PollIntervalMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether a record with so many bytes of key and value, and of headers other than a trace's, may be written.</summary>
    public bool MayBeWritten(long bytes) => bytes + RecordOverheadBytes <= MessageBytesMax;
}
