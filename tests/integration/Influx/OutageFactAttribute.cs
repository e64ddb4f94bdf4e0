using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.Integration.Influx;

/// <summary>A test on a real broker and a real InfluxDB 1.x; skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OutageFactAttribute : FactAttribute
{
    public OutageFactAttribute() => Skip = KafkaCluster.Unavailable ?? Influx1Server.Unavailable;
}
