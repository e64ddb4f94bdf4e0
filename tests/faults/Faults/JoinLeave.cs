using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>Instances come and go, as with an autoscaler: partitions move all the time, each time with its state.</summary>
internal sealed class JoinLeave : Fault
{
    /// <summary>The one that always runs, and so many that come and go.</summary>
    private const int InstancesMax = 3;

    private const double PauseSecondsMin = .5, PauseSecondsMax = 4;

    public override string Name => "join-leave";

    public override string Description => "instances of all services join and leave (SIGTERM) every few seconds";

    public override int Times => 8;

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        ServiceKind kind = ServiceKind.All[random.Next(ServiceKind.All.Count)];
        Service[] there = [.. rig.Services.Where(s => s.Kind == kind)];
        if (there.Length == InstancesMax || (there.Length > 1 && random.Next(2) == 0))
        {
            Service leaving = there[random.Next(there.Length)];
            await rig.StopAsync(leaving);
            rig.Say($"{leaving} left");
        }
        else
        {
            int free = Enumerable.Range(0, InstancesMax).First(i => there.All(s => s.Instance != i));
            rig.Say($"{rig.Start(kind, free)} joins");
        }
        await FaultRig.LastAsync(TimeSpan.FromSeconds(PauseSecondsMin + (random.NextDouble() * (PauseSecondsMax - PauseSecondsMin))), cancel);
    }
}
