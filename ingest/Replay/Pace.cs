namespace Pipeline.Ingest.Replay;

/// <summary>Maps event time to the wall clock: when something that happened then is to be sent.</summary>
/// <param name="time">The wall clock.</param>
/// <param name="startUnixMs">Event time that corresponds to now.</param>
/// <param name="speed">Seconds of event time per second; 0: everything is due at once.</param>
internal sealed class Pace(TimeProvider time, long startUnixMs, double speed)
{
    private readonly long started = time.GetTimestamp();
    private TimeSpan held;

    /// <summary>How long to wait before sending; zero or negative when it is due.</summary>
    public TimeSpan Until(long eventUnixMs) =>
        speed == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds((eventUnixMs - startUnixMs) / speed) + held - time.GetElapsedTime(started);

    /// <summary>Time was lost on purpose: what follows is due that much later, instead of all at once.</summary>
    public void Hold(TimeSpan lost) => held += lost;
}
