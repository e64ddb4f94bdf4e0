using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.Kafka;

namespace Pipeline.Tests.Simulation.Faults;

/// <summary>A transactional producer whose records wait on their way, come twice or not at all, and whose commits may end in the unknown.</summary>
internal sealed class FaultyProducer : ITransactionalProducer
{
    private readonly SimulatedKafka kafka;
    private readonly string id;
    private readonly FaultInjector injector;
    private readonly Sabotage sabotage;
    private readonly int epoch;
    private readonly Dictionary<PartitionId, int> sequences = [];
    private readonly Queue<Action> underWay = new();
    private SimulatedTransaction? open;

    public FaultyProducer(SimulatedKafka kafka, string id, FaultInjector injector, Sabotage sabotage)
    {
        (this.kafka, this.id, this.injector, this.sabotage) = (kafka, id, injector, sabotage);
        epoch = kafka.InitTransactions(id);
    }

    public void Begin()
    {
        injector.Point("begin");
        open = kafka.Begin(id, epoch);
    }

    public void Send(string topic, int? partition, byte[] key, byte[] value, IReadOnlyList<KeyValuePair<string, byte[]>>? headers)
    {
        injector.Point("send");
        SimulatedRecord record = new() { Key = key, Value = value, Headers = headers ?? [] };
        PartitionId to = kafka.PartitionFor(topic, partition, key);
        int sequence = sequences[to] = sequences.GetValueOrDefault(to, -1) + 1;
        SimulatedTransaction transaction = open!;
        underWay.Enqueue(() => kafka.Send(id, epoch, transaction, to, record, sequence));
        if (!injector.Roll(injector.Rates.Delay)) Deliver(underWay.Count);
    }

    public void Commit(IReadOnlyDictionary<PartitionId, long> offsets, IGroupConsumer consumer)
    {
        ISimulatedMember member = (ISimulatedMember)consumer;
        if (sabotage == Sabotage.CommitFirst)
            foreach ((PartitionId partition, long offset) in offsets) kafka.Group(member.Group).Commit(partition, offset);
        injector.Point("commit");
        if (injector.Roll(injector.Rates.Unknown)) EndInTheUnknown(offsets, member);
        Deliver(underWay.Count);
        injector.Point("records delivered");
        kafka.Commit(id, epoch, open!, member.Group, member.Member, offsets);
        injector.Point("committed");
    }

    public void Abort()
    {
        injector.Point("abort");
        underWay.Clear();
        kafka.Abort(id, epoch, open!);
    }

    public void Dispose() => LetGo(underWay.Count);

    /// <summary>The process is gone; what it had sent may still arrive: the broker has to refuse it, or has it in a transaction that nobody commits.</summary>
    public void Crash() => LetGo(injector.Next(underWay.Count + 1));

    private void LetGo(int count)
    {
        for (; count > 0; count--) injector.World.Post(underWay.Dequeue());
        underWay.Clear();
    }

    private void EndInTheUnknown(IReadOnlyDictionary<PartitionId, long> offsets, ISimulatedMember member)
    {
        SimulatedTransaction transaction = open!;
        string group = member.Group;
        int number = member.Member;
        switch (injector.Next(3))
        {
            case 0:
                underWay.Clear();
                break;
            case 1:
                Deliver(underWay.Count);
                kafka.Commit(id, epoch, transaction, group, number, offsets);
                break;
            default:
                while (underWay.TryDequeue(out Action? request)) injector.World.Post(request);
                injector.World.Post(() => kafka.Commit(id, epoch, transaction, group, number, offsets));
                break;
        }
        throw new StreamClientException($"transaction {id}, commit: timed out");
    }

    private void Deliver(int count)
    {
        for (; count > 0; count--)
        {
            Action request = underWay.Dequeue();
            request();
            if (injector.Roll(injector.Rates.Repeat)) request();
        }
    }
}
