namespace Pipeline.Tests.Integration.Influx;

/// <summary>A test on a real InfluxDB 3.x; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Influx3FactAttribute : FactAttribute
{
    public Influx3FactAttribute() => Skip = Influx3Server.Unavailable;
}
