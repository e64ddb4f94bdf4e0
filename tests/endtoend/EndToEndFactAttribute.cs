using Pipeline.Tests.Integration.Influx;
using Pipeline.Tests.Integration.Kafka;

namespace Pipeline.Tests.EndToEnd;

/// <summary>A test of the services as processes, on a real broker and real InfluxDBs; skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EndToEndFactAttribute : FactAttribute
{
    public EndToEndFactAttribute() => Skip = KafkaCluster.Unavailable ?? Influx1Server.Unavailable ?? Influx2Server.Unavailable;
}
