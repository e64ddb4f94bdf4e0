namespace Pipeline.Infra.TimeSeries;

/// <summary>
/// What was measured of one series at one time. Measurement, tags and time are its identity: a second point with the
/// same identity overwrites the fields that it names and leaves the others, so a repeat changes nothing.
/// </summary>
/// <param name="TimeUnixNs">Event time, Unix nanoseconds.</param>
public sealed record Point(string Measurement, Tag[] Tags, Field[] Fields, long TimeUnixNs);
