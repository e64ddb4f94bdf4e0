using Pipeline.Infra.Streaming;
using Pipeline.Tests.Simulation.World;

namespace Pipeline.Tests.Simulation.Faults;

/// <summary>Decides, at every call of one instance into its clients, what goes wrong.</summary>
/// <param name="name">The instance.</param>
/// <param name="random">Seeded.</param>
/// <param name="world">Lets the others go on while this instance stands still.</param>
public sealed class FaultInjector(string name, Random random, IWorld world)
{
    /// <summary>Longer than any session.</summary>
    private const int PauseMsMax = 800;

    private const int CutMsMax = 600;

    private long cutUntilMs;

    public FaultRates Rates { get; set; } = FaultRates.None;

    public IWorld World => world;

    /// <summary>Is the instance without network?</summary>
    public bool IsCut => world.ElapsedMs < cutUntilMs;

    /// <summary>Does the process stand still, all of its threads?</summary>
    public bool IsPaused { get; private set; }

    public bool Roll(double chance) => chance > 0 && random.NextDouble() < chance;

    public int Next(int below) => random.Next(below);

    /// <summary>A call is made, or has just taken effect.</summary>
    /// <exception cref="SimulatedCrashException">The process ends here.</exception>
    /// <exception cref="StreamClientException">There is no network.</exception>
    public void Point(string call)
    {
        if (Roll(Rates.Crash)) throw new SimulatedCrashException("crashes at " + call);
        if (Roll(Rates.Pause)) Pause(call);
        if (Roll(Rates.Cut)) cutUntilMs = world.ElapsedMs + random.Next(1, CutMsMax);
        if (IsCut) throw new StreamClientException(call + ": no network");
    }

    public void Tell(string what) => world.Tell($"{name} {what}");


    /// <summary>Nothing came within a wait.</summary>
    public void Waited(TimeSpan wait)
    {
        if (wait > TimeSpan.Zero) world.LetOthersRun(Math.Max(1, (long)wait.TotalMilliseconds));
    }

    private void Pause(string call)
    {
        int ms = random.Next(1, PauseMsMax);
        Tell($"stands still at {call} for {ms} ms");
        IsPaused = true;
        world.LetOthersRun(ms);
        IsPaused = false;
    }
}
