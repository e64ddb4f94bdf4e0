using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.Faults;

/// <summary>The clients of one instance, over a network that fails.</summary>
public sealed class FaultyClients(SimulatedKafka kafka, FaultInjector injector, Sabotage sabotage) : IStreamClients
{
    private readonly SimulatedClients clients = new(kafka);
    private Action? crashProducer;
    private Consumer? member;

    public IGroupConsumer Subscribe(string group, IReadOnlyList<string> topics, IAssignmentListener listener)
    {
        injector.Point("subscribe");
        Consumer consumer = new(clients.Subscribe(group, topics, listener), injector, () => Polled++);
        member = consumer;
        return consumer;
    }

    public IPartitionReader OpenReader()
    {
        injector.Point("open reader");
        return new Reader(clients.OpenReader(), injector);
    }

    public ITransactionalProducer OpenProducer(string transactionalId)
    {
        injector.Point("open producer");
        FaultyProducer producer = new(kafka, transactionalId, injector, sabotage);
        crashProducer = producer.Crash;
        injector.Point("producer opened");
        return producer;
    }

    /// <summary>Source records that the group's member was given, those fed again for state only included.</summary>
    public long Polled { get; private set; }

    /// <summary>The process that used these clients is gone.</summary>
    public void Crash()
    {
        crashProducer?.Invoke();
        member = null;
    }

    /// <summary>The client's own thread keeps the session alive while the loop waits for something.</summary>
    public void Heartbeat()
    {
        if (member is null || injector.IsCut || injector.IsPaused) return;
        SimulatedGroup group = kafka.Group(member.Group);
        if (group.Has(member.Member)) group.Heartbeat(member.Member, injector.World.ElapsedMs);
    }

    private sealed class Consumer(IGroupConsumer inner, FaultInjector injector, Action polled) : IGroupConsumer, ISimulatedMember
    {
        public string Group => ((ISimulatedMember)inner).Group;

        public int Member => ((ISimulatedMember)inner).Member;

        public long Lag => inner.Lag;

        public long LagOf(PartitionId partition) => inner.LagOf(partition);

        public bool TryPoll(TimeSpan wait, out StreamRecord record)
        {
            injector.Point("poll");
            if (!inner.TryPoll(wait, out record)) return false;
            polled();
            return true;
        }

        public void Commit(IReadOnlyDictionary<PartitionId, long> offsets)
        {
            injector.Point("commit offsets");
            inner.Commit(offsets);
            injector.Point("offsets committed");
        }

        public void Dispose()
        {
            // Without network nobody hears that it leaves: its session has to end.
            if (!injector.IsCut) inner.Dispose();
        }
    }

    private sealed class Reader(IPartitionReader inner, FaultInjector injector) : IPartitionReader
    {
        public IReadOnlyList<PartitionId> PartitionsOf(string topic) => inner.PartitionsOf(topic);

        public (long Low, long High) Watermarks(PartitionId partition)
        {
            injector.Point("watermarks");
            return inner.Watermarks(partition);
        }

        public long OffsetAt(PartitionId partition, DateTimeOffset time)
        {
            injector.Point("offset at");
            return inner.OffsetAt(partition, time);
        }

        public void Assign(IReadOnlyDictionary<PartitionId, long> offsets) => inner.Assign(offsets);

        public bool TryPoll(TimeSpan wait, out StreamRecord record)
        {
            injector.Point("read");
            record = default;
            // What is fetched has a way to go: that nothing comes does not mean that nothing is there.
            if (!injector.Roll(injector.Rates.Delay) && inner.TryPoll(wait, out record)) return true;
            injector.Waited(wait);
            return false;
        }

        public long Position(PartitionId partition) => inner.Position(partition);

        public void Dispose() => inner.Dispose();
    }
}
