namespace Pipeline.Infra.Influx;

/// <summary>Unit of the time stamps on the wire; the number is its length in nanoseconds.</summary>
public enum TimePrecision
{
    Nanosecond = 1,
    Microsecond = 1_000,
    Millisecond = 1_000_000,
    Second = 1_000_000_000,
}
