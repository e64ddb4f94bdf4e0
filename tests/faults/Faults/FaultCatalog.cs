namespace Pipeline.Tests.Faults.Faults;

/// <summary>All faults, in the order in which they are run.</summary>
internal static class FaultCatalog
{
    private static readonly Func<Fault>[] Makers =
    [
        () => new KillService(), () => new FreezeService(), () => new KillBroker(), () => new Influx(),
        () => new JoinLeave(), () => new OpenTransaction(), () => new KillOneOfThree(), () => new MuteCoordinator(),
    ];

    public static IReadOnlyList<Fault> All { get; } = [.. Makers.Select(m => m())];

    public static Fault Create(string name) => Makers.Select(m => m()).First(f => f.Name == name);
}
