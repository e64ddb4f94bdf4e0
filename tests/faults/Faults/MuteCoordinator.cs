using Pipeline.Tests.Faults.Rig;

namespace Pipeline.Tests.Faults.Faults;

/// <summary>
/// The broker, coordinator of all groups and transactions, takes connections and does not answer, as behind a firewall that lost its tables.
/// In half of the cases it does what it was asked to, but nobody is told: whether a transaction was committed is then unknown.
/// </summary>
internal sealed class MuteCoordinator : Fault
{
    private const double SecondsMin = 4, SecondsMax = 40;

    private static readonly TimeSpan WritesWithin = TimeSpan.FromSeconds(60);

    public override string Name => "mute-coordinator";

    public override string Description => "a proxy before the broker accepts and does not answer for 4 to 40 s; then it answers, or cuts all connections";

    public override int Times => 3;

    public override ClusterOptions Cluster => new() { Own = true, Proxied = true };

    public override async Task InjectAsync(FaultRig rig, Random random, CancellationToken cancel)
    {
        ServiceKind kind = ServiceKind.All[random.Next(ServiceKind.All.Count)];
        TimeSpan duration = TimeSpan.FromSeconds(SecondsMin + (random.NextDouble() * (SecondsMax - SecondsMin)));
        (bool deaf, bool cut) = (random.Next(2) == 0, random.Next(2) == 0);
        if (!await UncommittedWatch.NextAsync(rig.Cluster.Connection, kind.Output, WritesWithin, cancel)) rig.Fail($"{kind.Name} wrote nothing for {WritesWithin}");
        TcpProxy proxy = rig.Cluster.Proxy!;
        if (deaf) proxy.Mute();
        else proxy.MuteAnswers();
        rig.Say(FormattableString.Invariant($"{(deaf ? "nothing reaches the broker" : "the broker's answers are held back")} for {duration.TotalSeconds:0.0} s"));
        await FaultRig.LastAsync(duration, cancel);
        if (cut) proxy.CutAndSpeak();
        else proxy.Speak();
        rig.Say(cut ? "connections were cut" : "what was held back is delivered");
    }
}
