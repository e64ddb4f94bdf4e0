using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>
/// A Kafka in memory, single-threaded and deterministic: partitions, idempotent producers, transactions with fencing by epoch and with
/// time-outs, read-committed readers that stop at the last stable offset, and consumer groups that rebalance cooperatively and throw out
/// who is silent. Time is the caller's.
/// </summary>
public sealed class SimulatedKafka(TimeProvider time, BrokerRules? rules = null)
{
    private readonly Dictionary<PartitionId, SimulatedPartition> partitions = [];
    private readonly Dictionary<string, PartitionId[]> topics = [];
    private readonly Dictionary<string, SimulatedGroup> groups = [];
    private readonly Dictionary<string, SimulatedProducerState> producers = [];
    private readonly List<SimulatedTransaction> opened = [];

    public BrokerRules Rules { get; } = rules ?? new BrokerRules();

    /// <summary>The catalogue's topics and their dead letters.</summary>
    public static SimulatedKafka WithCatalogue(TimeProvider time, BrokerRules? rules = null)
    {
        SimulatedKafka kafka = new(time, rules);
        foreach (TopicSpec topic in Topics.All)
        {
            kafka.Create(topic.Name, topic.Partitions);
            kafka.Create(topic.DeadLetterName, topic.Partitions);
        }
        return kafka;
    }

    public void Create(string topic, int partitionCount)
    {
        topics[topic] = [.. Enumerable.Range(0, partitionCount).Select(i => new PartitionId(topic, i))];
        foreach (PartitionId id in topics[topic]) partitions[id] = new SimulatedPartition();
    }

    public SimulatedPartition this[PartitionId partition] => partitions[partition];

    public IReadOnlyList<PartitionId> PartitionsOf(string topic) => topics[topic];

    /// <summary>Milliseconds since some start: what time-outs are measured in.</summary>
    public long ElapsedMs => time.GetTimestamp() * 1000 / time.TimestampFrequency;

    /// <summary>All committed records of a topic, partition after partition.</summary>
    public IEnumerable<StreamRecord> Records(string topic) => PartitionsOf(topic).SelectMany(Records);

    /// <summary>The committed records of a partition.</summary>
    public IEnumerable<StreamRecord> Records(PartitionId id)
    {
        for (long at = 0; partitions[id].Read(at) is (SimulatedRecord found, long offset); at = offset + 1) yield return found.At(id, offset);
    }

    public SimulatedGroup Group(string name)
    {
        if (!groups.TryGetValue(name, out SimulatedGroup? group)) groups[name] = group = new SimulatedGroup();
        return group;
    }

    /// <summary>Appends outside of any transaction, as an agent does; the partition is chosen by key.</summary>
    public void Append(string topic, byte[] key, byte[] value) =>
        partitions[PartitionFor(topic, null, key)].Append(new SimulatedRecord { Key = key, Value = value, TimestampUnixMs = Now });

    /// <summary>Ends what has timed out: transactions, and sessions of members.</summary>
    public void Expire()
    {
        long now = ElapsedMs;
        if (Rules.TransactionTimeoutMs is { } transaction)
        {
            foreach (SimulatedTransaction open in opened.Where(t => now - t.SinceMs > transaction).ToArray()) TimeOut(open);
        }
        if (Rules.SessionTimeoutMs is not { } session) return;
        foreach (SimulatedGroup group in groups.Values) group.Expire(now - session);
    }

    /// <summary>Opens a transactional id: aborts what an earlier holder left open and fences it. Returns the new epoch.</summary>
    public int InitTransactions(string transactionalId)
    {
        if (!producers.TryGetValue(transactionalId, out SimulatedProducerState? producer)) producers[transactionalId] = producer = new SimulatedProducerState();
        if (producer.Open is not null && Rules.Fencing) End(producer, SimulatedTransaction.State.Aborted);
        producer.Open = null;
        producer.Epoch++;
        producer.Sequences.Clear();
        return producer.Epoch;
    }

    public SimulatedTransaction Begin(string transactionalId, int epoch)
    {
        SimulatedProducerState producer = Checked(transactionalId, epoch);
        SimulatedTransaction transaction = new(transactionalId, ElapsedMs) { Status = Rules.Transactions ? SimulatedTransaction.State.Open : SimulatedTransaction.State.Committed };
        producer.Open = transaction;
        if (Rules.Transactions) opened.Add(transaction);
        return transaction;
    }

    /// <summary>Takes one record of a transaction. A request that comes twice is known by its sequence number.</summary>
    /// <param name="sequence">Number of the record among those of this epoch to its partition; null: not checked.</param>
    public void Send(string transactionalId, int epoch, SimulatedTransaction transaction, PartitionId id, SimulatedRecord record, int? sequence = null)
    {
        SimulatedProducerState producer = Checked(transactionalId, epoch);
        if (sequence is { } number)
        {
            int expected = producer.Sequences.GetValueOrDefault(id);
            if (number < expected) return;
            if (number > expected) throw new StreamClientException($"producer {transactionalId}: sequence {number} to {id} where {expected} is expected");
            producer.Sequences[id] = number + 1;
        }
        if (transaction.Status == SimulatedTransaction.State.Aborted) throw new StreamClientException($"producer {transactionalId}: the transaction is aborted");
        partitions[id].Append(record with { Transaction = transaction, TimestampUnixMs = Now });
        transaction.Partitions.Add(id);
    }

    /// <summary>Where a record goes.</summary>
    public PartitionId PartitionFor(string topic, int? partition, byte[] key) => topics[topic][partition ?? Murmur2.Partition(key, topics[topic].Length)];

    /// <summary>Commits the transaction with the offsets; refused when the producer or the member was replaced.</summary>
    public void Commit(string transactionalId, int epoch, SimulatedTransaction transaction, string group, int member, IReadOnlyDictionary<PartitionId, long> offsets)
    {
        SimulatedProducerState producer = Checked(transactionalId, epoch);
        if (Rules.Fencing && !Group(group).Has(member)) throw new StreamClientException($"member {member} is no longer in group {group}");
        if (Rules.Fencing && producer.Open != transaction) throw new StreamClientException($"producer {transactionalId}: the transaction is over");
        End(transaction, SimulatedTransaction.State.Committed);
        producer.Open = null;
        foreach ((PartitionId partition, long offset) in offsets) Group(group).Commit(partition, offset);
    }

    public void Abort(string transactionalId, int epoch, SimulatedTransaction transaction)
    {
        SimulatedProducerState producer = Checked(transactionalId, epoch);
        if (producer.Open == transaction) End(producer, SimulatedTransaction.State.Aborted);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Aborts a transaction that was left open, and fences its producer.</summary>
    private void TimeOut(SimulatedTransaction transaction)
    {
        End(transaction, SimulatedTransaction.State.Aborted);
        SimulatedProducerState producer = producers[transaction.Producer];
        if (producer.Open != transaction) return;
        producer.Open = null;
        producer.Epoch++;
        producer.Sequences.Clear();
    }

    private void End(SimulatedProducerState producer, SimulatedTransaction.State state)
    {
        End(producer.Open!, state);
        producer.Open = null;
    }

    private void End(SimulatedTransaction transaction, SimulatedTransaction.State state)
    {
        if (!opened.Remove(transaction)) return;
        transaction.Status = state;
        foreach (PartitionId partition in transaction.Partitions) partitions[partition].Append(new SimulatedRecord { Key = [], Value = [], IsMarker = true });
    }

    private SimulatedProducerState Checked(string transactionalId, int epoch)
    {
        SimulatedProducerState producer = producers[transactionalId];
        if (Rules.Fencing && producer.Epoch != epoch) throw new StreamClientException($"producer {transactionalId} epoch {epoch} is fenced");
        return producer;
    }
}
