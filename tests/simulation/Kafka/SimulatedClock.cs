namespace Pipeline.Tests.Simulation.Kafka;

/// <summary>Time that only moves when told to. The wall clock may jump; time stamps, as everywhere, never go back.</summary>
public sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    private long elapsedMs, skewMs;

    /// <summary>Milliseconds since the start, whatever the wall clock says.</summary>
    public long ElapsedMs => elapsedMs;

    public override long TimestampFrequency => 1000;

    public override DateTimeOffset GetUtcNow() => start.AddMilliseconds(elapsedMs + skewMs);

    public override long GetTimestamp() => elapsedMs;

    public void Advance(long ms) => elapsedMs += ms;

    /// <summary>Sets the wall clock forward, or back.</summary>
    public void Jump(long ms) => skewMs += ms;
}
