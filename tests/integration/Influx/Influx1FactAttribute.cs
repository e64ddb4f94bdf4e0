namespace Pipeline.Tests.Integration.Influx;

/// <summary>A test on a real InfluxDB 1.x; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Influx1FactAttribute : FactAttribute
{
    public Influx1FactAttribute() => Skip = Influx1Server.Unavailable;
}
