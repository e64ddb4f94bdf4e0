using Pipeline.Tests.Faults.Rig;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>The only broker dies, with all transactions open, and comes back on its data.</summary>
internal sealed class KillBroker : Fault
{
    private const double AwaySecondsMax = 5;

    private static readonly TimeSpan WritesWithin = TimeSpan.FromSeconds(60);

    public override string Name => "kill-broker";

    public override string Description => "kill -9 of the only broker in mid-transaction, restarted after up to 5 s";

    public override int Times => 3;

    public override ClusterOptions Cluster => new() { Own = true };

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        ServiceKind kind = ServiceKind.All[random.Next(ServiceKind.All.Count)];
        TimeSpan away = TimeSpan.FromSeconds(random.NextDouble() * AwaySecondsMax);
        if (!await UncommittedWatch.NextAsync(rig.Cluster.Connection, kind.Output, WritesWithin, cancel)) rig.Fail($"{kind.Name} wrote nothing for {WritesWithin}");
        KafkaBroker broker = rig.Cluster.Brokers[0];
        await broker.KillAsync();
        rig.Say($"killed the broker when {kind.Name} wrote");
        await FaultRig.LastAsync(away, cancel);
        broker.Restart();
        rig.Say("the broker is back");
    }
}
