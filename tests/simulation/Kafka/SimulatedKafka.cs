using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>
/// A Kafka in memory, single-threaded and deterministic: partitions, transactions with fencing by epoch, read-committed readers that
/// stop at the last stable offset, and consumer groups that rebalance cooperatively. Time is the caller's.
/// </summary>
public sealed class SimulatedKafka(TimeProvider time)
{
    private readonly Dictionary<PartitionId, SimulatedPartition> partitions = [];
    private readonly Dictionary<string, int> counts = [];
    private readonly Dictionary<string, SimulatedGroup> groups = [];
    private readonly Dictionary<string, (int Epoch, SimulatedTransaction? Open)> producers = [];

    /// <summary>The catalogue's topics and their dead letters.</summary>
    public static SimulatedKafka WithCatalogue(TimeProvider time)
    {
        SimulatedKafka kafka = new(time);
        foreach (TopicSpec topic in Topics.All)
        {
            kafka.Create(topic.Name, topic.Partitions);
            kafka.Create(topic.DeadLetterName, topic.Partitions);
        }
        return kafka;
    }

    public void Create(string topic, int partitionCount)
    {
        counts[topic] = partitionCount;
        for (int i = 0; i < partitionCount; i++) partitions[new PartitionId(topic, i)] = new SimulatedPartition();
    }

    public SimulatedPartition this[PartitionId partition] => partitions[partition];

    public IReadOnlyList<PartitionId> PartitionsOf(string topic) => [.. Enumerable.Range(0, counts[topic]).Select(i => new PartitionId(topic, i))];

    /// <summary>All committed records of a topic, partition after partition.</summary>
    public IEnumerable<StreamRecord> Records(string topic)
    {
        foreach (PartitionId id in PartitionsOf(topic))
        {
            for (long at = 0; partitions[id].Read(at) is (SimulatedRecord found, long offset); at = offset + 1) yield return found.At(id, offset);
        }
    }

    public SimulatedGroup Group(string name)
    {
        if (!groups.TryGetValue(name, out SimulatedGroup? group)) groups[name] = group = new SimulatedGroup();
        return group;
    }

    /// <summary>Appends outside of any transaction, as an agent does; the partition is chosen by key.</summary>
    public void Append(string topic, byte[] key, byte[] value) =>
        partitions[new PartitionId(topic, Murmur2.Partition(key, counts[topic]))].Append(new SimulatedRecord { Key = key, Value = value, TimestampUnixMs = Now });

    /// <summary>Opens a transactional id: aborts what an earlier holder left open and fences it. Returns the new epoch.</summary>
    public int InitTransactions(string transactionalId)
    {
        (int epoch, SimulatedTransaction? open) = producers.GetValueOrDefault(transactionalId);
        if (open is not null) End(open, SimulatedTransaction.State.Aborted);
        producers[transactionalId] = (epoch + 1, null);
        return epoch + 1;
    }

    public SimulatedTransaction Begin(string transactionalId, int epoch)
    {
        CheckEpoch(transactionalId, epoch);
        SimulatedTransaction transaction = new();
        producers[transactionalId] = (epoch, transaction);
        return transaction;
    }

    public void Send(string transactionalId, int epoch, SimulatedTransaction transaction, string topic, int? partition, SimulatedRecord record)
    {
        CheckEpoch(transactionalId, epoch);
        PartitionId id = new(topic, partition ?? Murmur2.Partition(record.Key, counts[topic]));
        partitions[id].Append(record with { Transaction = transaction, TimestampUnixMs = Now });
        transaction.Partitions.Add(id);
    }

    /// <summary>Commits the transaction with the offsets; refused when the producer or the member was replaced.</summary>
    public void Commit(string transactionalId, int epoch, SimulatedTransaction transaction, string group, int member, IReadOnlyDictionary<PartitionId, long> offsets)
    {
        CheckEpoch(transactionalId, epoch);
        if (!Group(group).Has(member)) throw new StreamClientException($"member {member} is no longer in group {group}");
        foreach ((PartitionId partition, long offset) in offsets) transaction.Offsets[(group, partition)] = offset;
        End(transaction, SimulatedTransaction.State.Committed);
        producers[transactionalId] = (epoch, null);
    }

    public void Abort(string transactionalId, int epoch, SimulatedTransaction transaction)
    {
        CheckEpoch(transactionalId, epoch);
        End(transaction, SimulatedTransaction.State.Aborted);
        producers[transactionalId] = (epoch, null);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void End(SimulatedTransaction transaction, SimulatedTransaction.State state)
    {
        transaction.Status = state;
        foreach (PartitionId partition in transaction.Partitions) partitions[partition].Append(new SimulatedRecord { Key = [], Value = [], IsMarker = true });
        if (state != SimulatedTransaction.State.Committed) return;
        foreach (((string group, PartitionId partition), long offset) in transaction.Offsets) Group(group).Commit(partition, offset);
    }

    private void CheckEpoch(string transactionalId, int epoch)
    {
        if (producers[transactionalId].Epoch != epoch) throw new StreamClientException($"producer {transactionalId} epoch {epoch} is fenced");
    }
}
