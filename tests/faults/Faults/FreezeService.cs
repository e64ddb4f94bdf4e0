using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>
/// A process stands still for longer than its group waits for it (a long pause of a virtual machine), while its twin takes over; then it
/// goes on, with a transaction in its memory that is not its own any more.
/// </summary>
internal sealed class FreezeService : Fault
{
    private static readonly TimeSpan WritesWithin = TimeSpan.FromSeconds(20);

    /// <summary>What a service says when it gets a partition, and when it has found out that it was replaced.</summary>
    private const string GotOne = " got ", FoundOut = "starts again with empty state";

    public override string Name => "freeze-service";

    public override string Description => "SIGSTOP of a service in mid-transaction until its twin has taken over, then SIGCONT";

    public override int Times => 6;

    public override int Instances => 2;

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        Service service = rig.Services[random.Next(rig.Services.Count)];
        // Sometimes shorter than the transaction may be open, sometimes longer: the zombie is refused by the group then, or by the coordinator.
        TimeSpan duration = rig.Cluster.SessionTimeout + TimeSpan.FromSeconds(1 + (random.NextDouble() * Rig.Cluster.TransactionTimeout.TotalSeconds));
        // Whoever has just been frozen takes a while to get something to lose again.
        if (!await rig.UntilAsync(() => service.Output.LastIndexOf(GotOne, StringComparison.Ordinal) > service.Output.LastIndexOf(FoundOut, StringComparison.Ordinal), WritesWithin, cancel))
            rig.Fail($"{service} got no partition for {WritesWithin}");
        await UncommittedWatch.NextAsync(rig.Cluster.Connection, service.Kind.Output, WritesWithin, cancel);
        await service.FreezeAsync();
        int said = service.Output.Length;
        try
        {
            await FaultRig.LastAsync(duration, cancel);
        }
        finally
        {
            await service.ResumeAsync();
        }
        rig.Say(FormattableString.Invariant($"froze {service} for {duration.TotalSeconds:0.0} s"));
        if (!await rig.UntilAsync(() => service.Output.IndexOf(FoundOut, said, StringComparison.Ordinal) >= 0, WritesWithin, cancel))
            rig.Fail($"{service} did not notice that it was replaced");
    }
}
