namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>Until when somebody wants this VM's reports at the shortest interval. Told by one thread, asked by another.</summary>
public sealed class CloseWatch(TimeProvider time)
{
    private long untilMs;

    public bool IsOn => time.GetUtcNow().ToUnixTimeMilliseconds() < Interlocked.Read(ref untilMs);

    public void Until(long unixMs) => Interlocked.Exchange(ref untilMs, unixMs);
}
