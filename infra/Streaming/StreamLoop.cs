using Microsoft.Extensions.Logging;

namespace Pipeline.Infra.Streaming;

/// <summary>
/// One life of a service: from joining the group until it is disposed of or a client fails. Single-threaded.
/// <code>
///            record                    interval, count, revoke, shutdown
///   idle ───────────────► transaction ──────────────────────────────────► committed ──► idle
///                              │ exception: abort, the whole loop ends, a new one starts with nothing in memory
/// </code>
/// </summary>
internal sealed class StreamLoop : IAssignmentListener, IDisposable
{
    /// <summary>While global topics are read, a wait for source records is cut into pieces of this length, so that they are not starved.</summary>
    private static readonly TimeSpan GlobalsWait = TimeSpan.FromMilliseconds(2);

    /// <summary>At most so many global records in a row before the source gets its turn.</summary>
    private const int GlobalsBurst = 1000;

    /// <summary>Lag is a figure for people: asking for it on every record would cost more than the record.</summary>
    private const int LagEveryCommits = 16;

    private readonly Topology topology;
    private readonly IStreamClients clients;
    private readonly StreamOptions options;
    private readonly StreamStatus status;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ITransactionalProducer producer;
    private readonly StreamOutput output;
    private readonly IGroupConsumer consumer;
    private readonly IPartitionReader? globals;
    private readonly GlobalOutput globalOutput;
    private readonly Dictionary<int, PartitionTask> tasks = [];
    private readonly Dictionary<PartitionId, long> offsets = [];
    private long transactionStarted;
    private int transactionRecords;
    private int commits;
    private bool inTransaction;

    public StreamLoop(Topology topology, IStreamClients clients, StreamOptions options, StreamStatus status, ILogger log, TimeProvider time)
    {
        this.topology = topology;
        this.clients = clients;
        this.options = options;
        this.status = status;
        this.log = log;
        this.time = time;
        producer = clients.OpenProducer($"{topology.Name}-{options.Instance}");
        output = new StreamOutput(topology, producer, status, log);
        globalOutput = new GlobalOutput(status, log);
        try
        {
            globals = topology.Globals.Count == 0 ? null : clients.OpenReader();
            if (globals is not null) StateReader.CatchUp(topology, globals, globalOutput, time, log);
            consumer = clients.Subscribe(topology.Name, [topology.Source.Name], this);
        }
        catch
        {
            globals?.Dispose();
            producer.Dispose();
            throw;
        }
    }

    /// <summary>Takes at most one source record and the global records that are there, waiting at most so long, and commits when it is time.</summary>
    public void Step(TimeSpan wait)
    {
        ReadGlobals();
        // A record that is there already is taken without asking the clock how long one may be waited for.
        if ((inTransaction && consumer.TryPoll(TimeSpan.Zero, out StreamRecord record)) || consumer.TryPoll(Patience(wait), out record)) Feed(record);
        else if (inTransaction && options.CommitInterval == TimeSpan.Zero) Commit();
        if (inTransaction && (transactionRecords >= options.CommitRecords || (options.CommitInterval > TimeSpan.Zero && Remaining() == TimeSpan.Zero)))
            Commit();
    }

    /// <summary>Commits what is open; called before a shutdown.</summary>
    public void Commit()
    {
        if (!inTransaction) return;
        producer.Commit(offsets, consumer);
        inTransaction = false;
        offsets.Clear();
        status.CountTransaction();
        if (commits++ % LagEveryCommits == 0 || transactionRecords == 1) status.SetLag(consumer.Lag);
    }

    public IReadOnlyDictionary<PartitionId, long> Assigned(IReadOnlyDictionary<PartitionId, long> committed)
    {
        Dictionary<PartitionId, long> begin = [];
        foreach ((PartitionId partition, long offset) in committed.OrderBy(p => p.Key.Partition))
        {
            IProcessor processor = topology.CreateProcessor(partition.Partition);
            if (topology.Changelogs.Count > 0)
            {
                using IPartitionReader reader = clients.OpenReader();
                StateReader.Restore(topology, reader, partition.Partition, processor, log);
            }
            long from = Math.Min(processor.ReplayFrom(offset), offset);
            tasks[partition.Partition] = new PartitionTask(processor, offset);
            begin[partition] = Math.Max(from, 0);
            log.LogInformation("{Service} got {Partition}: reads from {From}, answers from {Offset}", topology.Name, partition, from, offset);
        }
        status.SetPartitions(tasks.Count);
        return begin;
    }

    public void Revoked(IReadOnlyCollection<PartitionId> partitions)
    {
        Commit();
        foreach (PartitionId partition in partitions) tasks.Remove(partition.Partition);
        status.SetPartitions(tasks.Count);
    }

    public void Lost(IReadOnlyCollection<PartitionId> partitions) =>
        throw new StreamClientException($"{topology.Name} was away for too long and lost {string.Join(", ", partitions)}");

    public void Dispose()
    {
        try
        {
            if (inTransaction) producer.Abort();
        }
        catch (StreamClientException e)
        {
            log.LogWarning("{Service} could not abort its transaction; the broker will: {Reason}", topology.Name, e.Message);
        }
        inTransaction = false;
        consumer.Dispose();
        globals?.Dispose();
        producer.Dispose();
    }

    private void Feed(in StreamRecord record)
    {
        if (!tasks.TryGetValue(record.Partition, out PartitionTask? task)) return;
        if (record.Offset < task.AnswersFrom)
        {
            task.Processor.Process(record, DiscardOutput.Instance);
            return;
        }
        if (!inTransaction)
        {
            producer.Begin();
            inTransaction = true;
            transactionRecords = 0;
            transactionStarted = time.GetTimestamp();
        }
        output.InputPartition = record.Partition;
        task.Processor.Process(record, output);
        offsets[new PartitionId(record.Topic, record.Partition)] = record.Offset + 1;
        transactionRecords++;
        status.CountInput();
    }

    private void ReadGlobals()
    {
        for (int i = 0; globals is not null && i < GlobalsBurst && globals.TryPoll(TimeSpan.Zero, out StreamRecord record); i++)
            topology.Global!.Apply(record, globalOutput);
    }

    private TimeSpan Patience(TimeSpan wait)
    {
        TimeSpan patience = !inTransaction ? wait : options.CommitInterval == TimeSpan.Zero ? TimeSpan.Zero : Least(wait, Remaining());
        return globals is null ? patience : Least(patience, GlobalsWait);
    }

    private TimeSpan Remaining()
    {
        TimeSpan left = options.CommitInterval - time.GetElapsedTime(transactionStarted);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record PartitionTask(IProcessor Processor, long AnswersFrom);
}
