using Confluent.Kafka;
using Pipeline.Infra.Kafka;
using Pipeline.Tests.Faults.Rig;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>One of three brokers dies: leaders, group and transaction coordinators move to the others. The next one dies when all replicas are in sync again.</summary>
internal sealed class KillOneOfThree : Fault
{
    private const int Brokers = 3;
    private const double AwaySecondsMin = 2, AwaySecondsMax = 8;

    private static readonly TimeSpan WritesWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SyncsWithin = TimeSpan.FromSeconds(120);

    public override string Name => "kill-one-of-three";

    public override string Description => "kill -9 of one of three brokers (3 replicas, 2 in sync needed), restarted after 2 to 8 s";

    public override int Times => 3;

    public override ClusterOptions Cluster => new()
    {
        Own = true,
        Brokers = Brokers,
        Settings = ["default.replication.factor=3", "min.insync.replicas=2", "transaction.state.log.min.isr=2"],
    };

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        int number = random.Next(Brokers);
        TimeSpan away = TimeSpan.FromSeconds(AwaySecondsMin + (random.NextDouble() * (AwaySecondsMax - AwaySecondsMin)));
        ServiceKind kind = ServiceKind.All[random.Next(ServiceKind.All.Count)];
        if (!await UncommittedWatch.NextAsync(rig.Cluster.Connection, kind.Output, WritesWithin, cancel)) rig.Fail($"{kind.Name} wrote nothing for {WritesWithin}");
        KafkaBroker broker = rig.Cluster.Brokers[number];
        await broker.KillAsync();
        rig.Say($"killed broker {number + 1} when {kind.Name} wrote");
        await FaultRig.LastAsync(away, cancel);
        broker.Restart();
        if (!await rig.UntilAsync(() => InSync(rig.Cluster.Connection), SyncsWithin, cancel)) rig.Fail($"replicas are not in sync {SyncsWithin} after broker {number + 1} came back");
        rig.Say($"broker {number + 1} is back and in sync");
    }

    private static bool InSync(KafkaConnection kafka)
    {
        using IAdminClient admin = new AdminClientBuilder(KafkaClients.ConsumerConfig(kafka, "faults-admin")).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(5)).Topics.SelectMany(t => t.Partitions).All(p => p.InSyncReplicas.Length == Brokers);
        }
        catch (KafkaException)
        {
            return false;
        }
    }
}
