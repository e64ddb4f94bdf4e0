namespace Pipeline.Ingest.Bridge.Points;

/// <summary>
/// Times whose unit is not marked. What is measured today is between 1e9 and 1e10 seconds after 1970, so the size of the number tells
/// whether it counts seconds, milliseconds, microseconds or nanoseconds.
/// </summary>
public static class EventTime
{
    private const ulong SecondsBelow = 100_000_000_000, MillisecondsBelow = SecondsBelow * 1000, MicrosecondsBelow = MillisecondsBelow * 1000;

    /// <summary>Unix nanoseconds.</summary>
    /// <exception cref="BadRecordException">It is negative.</exception>
    public static ulong Nanoseconds(long time) =>
        time < 0 ? throw new BadRecordException($"time {time} is before 1970")
        : (ulong)time < SecondsBelow ? (ulong)time * 1_000_000_000
        : (ulong)time < MillisecondsBelow ? (ulong)time * 1_000_000
        : (ulong)time < MicrosecondsBelow ? (ulong)time * 1000
        : (ulong)time;

    /// <summary>Unix nanoseconds of seconds with a fraction, rounded to milliseconds: a double has no more digits than that to be trusted.</summary>
    /// <exception cref="BadRecordException">It is not a time after 1970.</exception>
    public static ulong OfSeconds(double seconds) =>
        seconds is >= 0 and < SecondsBelow ? (ulong)Math.Round(seconds * 1000) * 1_000_000 : throw new BadRecordException($"time {seconds} is not in Unix seconds");
}
