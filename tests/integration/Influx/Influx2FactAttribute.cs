namespace Pipeline.Tests.Integration.Influx;

/// <summary>A test on a real InfluxDB 2.x; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Influx2FactAttribute : FactAttribute
{
    public Influx2FactAttribute() => Skip = Influx2Server.Unavailable;
}
