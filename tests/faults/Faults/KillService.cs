using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>A process dies with a transaction open, and is back at once under the same name.</summary>
internal sealed class KillService : Fault
{
    /// <summary>The service before it has to have its partitions back by then; if not, it is killed while it restores its state.</summary>
    private static readonly TimeSpan WritesWithin = TimeSpan.FromSeconds(10);

    public override string Name => "kill-service";

    public override string Description => "kill -9 of a random service in mid-transaction, restarted at once";

    public override int Times => 5;

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        Service service = rig.Services[random.Next(rig.Services.Count)];
        bool open = await UncommittedWatch.NextAsync(rig.Cluster.Connection, service.Kind.Output, WritesWithin, cancel);
        await service.KillAndRestartAsync();
        rig.Say($"killed {service} {(open ? "right after it wrote" : "before it wrote anything")}");
    }
}
