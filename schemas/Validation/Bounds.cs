namespace Pipeline.Schemas.Validation;

/// <summary>Limits that every record from outside has to keep, and the checks in words.</summary>
public static class Bounds
{
    /// <summary>Kafka topic names, Kubernetes names and host names all fit into 255 bytes.</summary>
    public const int NameLengthMax = 255;

    /// <summary>An agent's clock may be this much ahead of the record's timestamp: beyond, event time would run away for its whole cell.</summary>
    public const long ClockAheadMsMax = 10 * 60 * 1000;

    /// <summary>2000-01-01: nothing that we measure is older.</summary>
    public const long TimeMsMin = 946_684_800_000;

    /// <summary>Reports cover up to a day; how short one may be is up to the agent.</summary>
    public const uint IntervalMsMin = 1, IntervalMsMax = 24 * 3600 * 1000;

    /// <summary>A hypervisor lends more than was provisioned: real traces show up to 1.27.</summary>
    public const float UtilizationMax = 2;

    public const float CoresMax = 4096;

    public static string? Name(string field, string value) =>
        value.Length == 0 ? $"{field} is empty"
        : value.Length > NameLengthMax ? $"{field} has {value.Length} characters; at most {NameLengthMax} are allowed"
        : HasControl(value) ? $"{field} has a control character"
        : null;

    public static string? Time(string field, long unixMs, long recordUnixMs) =>
        unixMs < TimeMsMin ? $"{field} {unixMs} is before 2000-01-01: Unix milliseconds are wanted"
        : unixMs > recordUnixMs + ClockAheadMsMax
            ? $"{field} is {(unixMs - recordUnixMs) / 1000} s ahead of the record's timestamp: the sender's clock is wrong"
            : null;

    /// <summary>An optional share: NaN, infinities and negatives are wrong, absence is not.</summary>
    public static string? Range(string field, double value, double min, double max) =>
        value >= min && value <= max ? null : $"{field} is {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}; {min} to {max} is allowed";

    private static bool HasControl(string value)
    {
        foreach (char c in value)
            if (char.IsControl(c)) return true;
        return false;
    }
}
