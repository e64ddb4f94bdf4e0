using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Telemetry;

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

    /// <summary>Lag is a figure for people: asking for it on every record would cost more than the record.</summary>
    private static readonly TimeSpan LagEvery = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Who was given no partition for so long stands by: there are more instances than partitions. A group takes three seconds to come
    /// together (group.initial.rebalance.delay.ms), and as long as its slowest member needs to commit.
    /// </summary>
    private static readonly TimeSpan StandbyAfter = TimeSpan.FromSeconds(30);

    private readonly Topology topology;
    private readonly IStreamClients clients;
    private readonly StreamOptions options;
    private readonly StreamStatus status;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly ITransactionalProducer producer;
    private readonly LimitWatch watch;
    private readonly StateReader state;
    private readonly long born;
    private readonly string spanName;
    private readonly StreamOutput output;
    private readonly IGroupConsumer consumer;
    private readonly GlobalTopics? globals;
    private readonly Dictionary<int, PartitionTask> tasks = [];
    private readonly Dictionary<PartitionId, long> offsets = [];
    private long transactionStarted;
    private int transactionRecords;
    private long lagMeasured;
    private long fed;
    private bool asksForWork;
    private bool inTransaction;
    private bool joined;
    private StreamRecord? waiting;

    public StreamLoop(Topology topology, IStreamClients clients, StreamOptions options, StreamStatus status, ILogger log, TimeProvider time, LimitWatch? watch = null, CancellationToken cancel = default)
    {
        this.topology = topology;
        this.clients = clients;
        this.options = options;
        this.status = status;
        this.log = log;
        this.time = time;
        this.watch = watch ?? new LimitWatch(status, log, time);
        state = new StateReader(topology.Name, status.Progress, log, time, cancel);
        born = fed = time.GetTimestamp();
        status.Progress.BeginLife();
        status.Progress.MarkAlive(born);
        spanName = "process " + topology.Source.Name;
        producer = clients.OpenProducer($"{topology.Name}-{options.Instance}");
        output = new StreamOutput(topology, producer, options.Limits, this.watch, status, log);
        try
        {
            globals = topology.Globals.Count == 0 ? null : new GlobalTopics(topology, clients, options.Limits, this.watch, state, status, log, time);
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
        long now = time.GetTimestamp();
        status.Progress.MarkAlive(now);
        if (time.GetElapsedTime(lagMeasured, now) >= LagEvery) MeasureLag(now);
        if (globals?.Advance(wait) == false) return;
        if (!status.Progress.IsReady && (joined || time.GetElapsedTime(born) > StandbyAfter)) status.Progress.SetReady(true);
        // A record that is there already is taken without asking the clock how long one may be waited for.
        if ((inTransaction && TryTake(TimeSpan.Zero, out StreamRecord record)) || TryTake(Patience(wait), out record)) Feed(record);
        else if (inTransaction && options.CommitInterval == TimeSpan.Zero) Commit();
        LetWork();
        if (inTransaction && (IsFull() || (options.CommitInterval > TimeSpan.Zero && Remaining() == TimeSpan.Zero))) Commit();
    }

    /// <summary>Commits what is open; called before a shutdown.</summary>
    public void Commit()
    {
        if (!inTransaction) return;
        producer.Commit(offsets, consumer);
        inTransaction = false;
        offsets.Clear();
        status.CountTransaction();
    }

    public IReadOnlyDictionary<PartitionId, long> Assigned(IReadOnlyDictionary<PartitionId, long> committed)
    {
        status.Progress.SetReady(false);
        joined = true;
        // What the owner before us wrote has to be known before we go on where it stopped. Our own open transaction stands in the way of
        // reading that: it may have written to a global topic itself, and nobody reads past it until it ends.
        if (globals is not null && committed.Count > 0)
        {
            Commit();
            globals.AimAtNow();
        }
        Dictionary<PartitionId, long> begin = [];
        foreach ((PartitionId partition, long offset) in committed.OrderBy(p => p.Key.Partition))
        {
            IProcessor processor = topology.CreateProcessor(partition.Partition);
            asksForWork |= processor is IUnpromptedProcessor;
            if (topology.Changelogs.Count > 0)
            {
                using IPartitionReader reader = clients.OpenReader();
                state.Restore(topology, reader, partition.Partition, processor);
            }
            long from = Math.Min(processor.ReplayFrom(offset), offset);
            tasks[partition.Partition] = new PartitionTask(processor, offset) { Fed = time.GetTimestamp() };
            begin[partition] = Math.Max(from, 0);
            log.LogInformation("{Service} got {Partition}: reads from {From}, answers from {Offset}", topology.Name, partition, from, offset);
        }
        status.SetPartitions(tasks.Count);
        return begin;
    }

    public void Revoked(IReadOnlyCollection<PartitionId> partitions)
    {
        Commit();
        foreach (PartitionId partition in partitions)
            if (tasks.Remove(partition.Partition, out PartitionTask? task)) task.Processor.Close();
        status.SetPartitions(tasks.Count);
    }

    public void Lost(IReadOnlyCollection<PartitionId> partitions) =>
        throw new StreamClientException($"{topology.Name} was away for too long and lost {string.Join(", ", partitions)}") { Reason = RestartReason.LostPartitions };

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
            if (record.Bytes <= options.Limits.RecordBytesMax) task.Processor.Process(record, DiscardOutput.Instance);
            return;
        }
        Begin();
        if (asksForWork) task.Fed = fed = time.GetTimestamp();
        output.InputPartition = record.Partition;
        using Activity? span = Tracing.StartProcessing(spanName, record, topology.Name);
        output.Span = span;
        if (TooLarge.Check(record, options.Limits, watch) is { } reason) output.DeadLetter(record, reason);
        else task.Processor.Process(record, output);
        offsets[new PartitionId(record.Topic, record.Partition)] = task.Next = record.Offset + 1;
        transactionRecords++;
        status.CountInput();
    }

    private void Begin()
    {
        if (inTransaction) return;
        producer.Begin();
        inTransaction = true;
        transactionRecords = 0;
        output.Begin();
        transactionStarted = time.GetTimestamp();
    }

    /// <summary>What processors write without a record. The offset goes along though it does not move: it is what a former owner is fenced by.</summary>
    private void LetWork()
    {
        if (!asksForWork || globals is { IsLevel: false }) return;
        long now = time.GetTimestamp();
        foreach ((int partition, PartitionTask task) in tasks)
        {
            if (task.Processor is not IUnpromptedProcessor processor || !processor.HasWork(new Silence(time.GetElapsedTime(fed, now), task.HasMore ? TimeSpan.Zero : time.GetElapsedTime(task.Fed, now)))) continue;
            Begin();
            output.InputPartition = partition;
            output.Span = null;
            processor.Work(output);
            offsets[new PartitionId(topology.Source.Name, partition)] = task.Next;
        }
    }

    private void MeasureLag(long now)
    {
        lagMeasured = now;
        long all = 0;
        foreach ((int partition, PartitionTask task) in tasks)
        {
            long lag = consumer.LagOf(new PartitionId(topology.Source.Name, partition));
            task.HasMore = lag > 0;
            all += lag;
        }
        status.SetLag(all);
    }

    /// <summary>The next source record. One that came together with a new partition waits until the global topics are read.</summary>
    private bool TryTake(TimeSpan wait, out StreamRecord record)
    {
        if (waiting is { } held)
        {
            record = held;
            if (globals is { IsLevel: false }) return false;
            waiting = null;
            return true;
        }
        if (!consumer.TryPoll(wait, out record)) return false;
        if (globals is null || globals.IsLevel) return true;
        waiting = record;
        return false;
    }

    /// <summary>Whether the open transaction is as large as it may get.</summary>
    private bool IsFull()
    {
        StreamLimits limits = options.Limits;
        StreamLimit? limit = transactionRecords >= options.CommitRecords ? StreamLimit.TransactionInputs
            : output.TransactionRecords >= limits.TransactionOutputsMax ? StreamLimit.TransactionOutputs
            : output.TransactionBytes >= limits.TransactionBytesMax ? StreamLimit.TransactionBytes
            : null;
        if (limit is { } reached) watch.Reached(reached, () => $"{transactionRecords} records in, {output.TransactionRecords} records and {output.TransactionBytes} bytes out are committed early");
        return limit is not null;
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

    private sealed record PartitionTask(IProcessor Processor, long AnswersFrom)
    {
        /// <summary>Offset after the newest record processed.</summary>
        public long Next { get; set; } = AnswersFrom;

        /// <summary>When the newest record was processed.</summary>
        public long Fed { get; set; }

        /// <summary>More is known to be in the partition.</summary>
        public bool HasMore { get; set; } = true;
    }
}
