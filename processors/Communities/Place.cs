namespace Pipeline.Processors.Communities;

/// <summary>Where a VM is, and since when.</summary>
internal readonly record struct Place(uint Community, long SinceUnixMs)
{
    private const long HourMs = 3_600_000, HoursMax = 24;

    /// <summary>What the VM counts for in saying who its community is: 1, and 1 more for each hour, up to a day.</summary>
    public long WeightAt(long unixMs) => 1 + Math.Clamp((unixMs - SinceUnixMs) / HourMs, 0, HoursMax);
}
