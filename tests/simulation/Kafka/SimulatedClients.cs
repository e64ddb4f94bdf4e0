using Pipeline.Infra.Streaming;

namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>The loop's clients over a <see cref="SimulatedKafka"/>. Nothing ever waits.</summary>
public sealed class SimulatedClients(SimulatedKafka kafka) : IStreamClients
{
    public IGroupConsumer Subscribe(string group, IReadOnlyList<string> topics, IAssignmentListener listener) => new GroupConsumer(kafka, group, topics, listener);

    public IPartitionReader OpenReader() => new PartitionReader(kafka);

    public ITransactionalProducer OpenProducer(string transactionalId) => new Producer(kafka, transactionalId);

    /// <summary>Reads several partitions in turn: the one with the lowest number that has something, after the one read last.</summary>
    private sealed class Cursor(SimulatedKafka kafka)
    {
        private readonly List<PartitionId> order = [];
        private readonly Dictionary<PartitionId, long> positions = [];
        private int next;

        public void Add(PartitionId id, long offset)
        {
            order.Add(id);
            positions[id] = offset;
        }

        public void Remove(PartitionId id)
        {
            order.Remove(id);
            positions.Remove(id);
        }

        public void Clear()
        {
            order.Clear();
            positions.Clear();
        }

        public long Position(PartitionId id) => positions[id] = kafka[id].Read(positions[id]).Offset;

        public long Lag => order.Sum(LagOf);

        public long LagOf(PartitionId partition) => kafka[partition].High - positions[partition];

        public bool TryRead(out StreamRecord record)
        {
            for (int i = 0; i < order.Count; i++)
            {
                PartitionId id = order[(next + i) % order.Count];
                (SimulatedRecord? found, long offset) = kafka[id].Read(positions[id]);
                positions[id] = found is null ? offset : offset + 1;
                if (found is null) continue;
                next = (next + i + 1) % order.Count;
                record = found.At(id, offset);
                return true;
            }
            record = default;
            return false;
        }
    }

    private sealed class GroupConsumer : IGroupConsumer, ISimulatedMember
    {
        private readonly SimulatedKafka kafka;
        private readonly IReadOnlyList<PartitionId> all;
        private readonly IAssignmentListener listener;
        private readonly Cursor cursor;
        private int settledAt = -1;

        public GroupConsumer(SimulatedKafka kafka, string group, IReadOnlyList<string> topics, IAssignmentListener listener)
        {
            this.kafka = kafka;
            this.listener = listener;
            Group = group;
            all = [.. topics.SelectMany(kafka.PartitionsOf)];
            cursor = new Cursor(kafka);
            Member = kafka.Group(group).Join(kafka.ElapsedMs);
        }

        public string Group { get; }

        public int Member { get; }

        public long Lag => cursor.Lag;

        public long LagOf(PartitionId partition) => cursor.LagOf(partition);

        public void Commit(IReadOnlyDictionary<PartitionId, long> offsets)
        {
            SimulatedGroup group = kafka.Group(Group);
            if (!group.Has(Member)) throw new StreamClientException($"member {Member} is no longer in group {Group}");
            foreach ((PartitionId id, long offset) in offsets) group.Commit(id, offset);
        }

        public bool TryPoll(TimeSpan wait, out StreamRecord record)
        {
            Rebalance();
            return cursor.TryRead(out record);
        }

        public void Dispose()
        {
            SimulatedGroup group = kafka.Group(Group);
            if (!group.Has(Member)) return;
            listener.Revoked([.. group.Held(Member)]);
            group.Remove(Member);
        }

        private void Rebalance()
        {
            SimulatedGroup group = kafka.Group(Group);
            if (!group.Has(Member))
            {
                if (kafka.Rules.Fencing) throw new StreamClientException($"member {Member} was thrown out of group {Group}");
                return;
            }
            group.Heartbeat(Member, kafka.ElapsedMs);
            if (settledAt == group.Version) return;
            IReadOnlyList<PartitionId> revoked = group.ToRevoke(Member, all);
            if (revoked.Count > 0)
            {
                listener.Revoked(revoked);
                if (!group.Has(Member)) return;
                group.Give(Member, revoked);
                foreach (PartitionId id in revoked) cursor.Remove(id);
            }
            settledAt = group.Version;
            IReadOnlyList<PartitionId> assigned = group.ToAssign(Member, all);
            if (assigned.Count == 0) return;
            group.Take(Member, assigned);
            settledAt = group.Version;
            foreach ((PartitionId id, long offset) in listener.Assigned(assigned.ToDictionary(p => p, p => group.Committed(p) ?? 0)).OrderBy(b => b.Key.Partition))
                cursor.Add(id, offset);
        }
    }

    private sealed class PartitionReader(SimulatedKafka kafka) : IPartitionReader
    {
        private readonly Cursor cursor = new(kafka);

        public IReadOnlyList<PartitionId> PartitionsOf(string topic) => kafka.PartitionsOf(topic);

        public (long Low, long High) Watermarks(PartitionId partition) => (0, kafka[partition].High);

        public long OffsetAt(PartitionId partition, DateTimeOffset time)
        {
            long ms = time.ToUnixTimeMilliseconds();
            IReadOnlyList<SimulatedRecord> log = kafka[partition].Log;
            for (int i = 0; i < log.Count; i++)
                if (!log[i].IsMarker && log[i].TimestampUnixMs >= ms) return i;
            return log.Count;
        }

        public void Assign(IReadOnlyDictionary<PartitionId, long> offsets)
        {
            cursor.Clear();
            foreach ((PartitionId id, long offset) in offsets) cursor.Add(id, offset);
        }

        public bool TryPoll(TimeSpan wait, out StreamRecord record) => cursor.TryRead(out record);

        public long Position(PartitionId partition) => cursor.Position(partition);

        public void Dispose() => cursor.Clear();
    }

    private sealed class Producer(SimulatedKafka kafka, string transactionalId) : ITransactionalProducer
    {
        private readonly int epoch = kafka.InitTransactions(transactionalId);
        private SimulatedTransaction? open;

        public void Begin() => open = kafka.Begin(transactionalId, epoch);

        public void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers) =>
            kafka.Send(transactionalId, epoch, open!, kafka.PartitionFor(topic, partition, key), new SimulatedRecord { Key = key, Value = value, Headers = headers ?? [] });

        public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer)
        {
            ISimulatedMember member = (ISimulatedMember)consumer;
            kafka.Commit(transactionalId, epoch, open!, member.Group, member.Member, offsets);
        }

        public void Abort() => kafka.Abort(transactionalId, epoch, open!);

        public void Dispose()
        {
        }
    }
}
